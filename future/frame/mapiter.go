package frame

import "reflect"

// MapIter is the iteration of a range statement over a map, which can be left off and
// resumed between two elements. Entries that are inserted or deleted meanwhile are
// treated as the language says, since it is the runtime's own iteration: one that
// is deleted before it was reached is not produced, one that is inserted may or may
// not be, and none is produced twice. The zero MapIter is that of a nil map.
//
// Like the map itself it must not be used while another goroutine writes to the map.
type MapIter[K comparable, V any] struct {
	it   reflect.MapIter
	more bool
	k    K
	v    V
}

// Init begins an iteration over m.
func (i *MapIter[K, V]) Init(m map[K]V) {
	*i = MapIter[K, V]{more: len(m) > 0}
	i.it.Reset(reflect.ValueOf(m))
}

// Next takes the next entry, and reports false when there is none. It may be called
// again then, to no effect.
func (i *MapIter[K, V]) Next() bool {
	if i.more = i.more && i.it.Next(); !i.more {
		*i = MapIter[K, V]{} // the map may be garbage now
		return false
	}
	// At once, not when they are asked for: the entry may be deleted by then.
	reflect.ValueOf(&i.k).Elem().SetIterKey(&i.it)
	reflect.ValueOf(&i.v).Elem().SetIterValue(&i.it)
	return true
}

// Key returns the key of the entry that Next has taken.
func (i *MapIter[K, V]) Key() K { return i.k }

// Value returns the value of that entry, as it was when Next took it.
func (i *MapIter[K, V]) Value() V { return i.v }
