package unsafeptr_test

import (
	"fmt"
	"reflect"

	"github.com/pinion-go/pinion/unsafeptr"
)

// A scanner keeps a pointer to the token in its own buffer. It may be copied,
// and the copy's token lies in the copy's buffer.
func Example() {
	type scanner struct {
		token unsafeptr.Rel[byte]
		buf   [16]byte
	}
	var a scanner
	copy(a.buf[:], "key=value")
	if err := a.token.SetIn(unsafeptr.RangeOf(&a), &a.buf[4]); err != nil {
		fmt.Println(err)
	}

	b := a
	b.buf[4] = 'V'
	fmt.Printf("%c %c\n", *a.token.Get(), *b.token.Get())
	off, ok := unsafeptr.OffsetOf(unsafeptr.RangeOf(&b.buf), b.token.Get())
	fmt.Println(off, ok)
	// Output:
	// v V
	// 4 true
}

// A list whose links are distances can be copied as one value, with all its
// nodes, and its nodes hold no pointers for the collector to follow.
func ExampleRel() {
	type node struct {
		value int
		next  unsafeptr.Rel[node]
	}
	type list struct {
		head  unsafeptr.Rel[node]
		nodes [3]node
	}
	var l list
	l.head.Set(&l.nodes[2])
	l.nodes[2] = node{value: 1}
	l.nodes[2].next.Set(&l.nodes[0])
	l.nodes[0] = node{value: 2}

	lists := []list{l, l}
	for n := lists[1].head.Get(); n != nil; n = n.next.Get() {
		n.value *= 10
		fmt.Println(n.value, unsafeptr.Contains(unsafeptr.RangeOf(&lists[1]), n))
	}
	fmt.Println(lists[0].nodes[2].value, unsafeptr.LayoutOf[list]().HasPointers())
	// Output:
	// 10 true
	// 20 true
	// 1 false
}

// A tree's colour fits beside its link.
func ExampleTagged() {
	const red = 1
	type node struct{ key int }

	n := &node{key: 7}
	link := unsafeptr.Tag(n, red)
	fmt.Println(link.Pointer() == n, link.Pointer().key, link.Tag() == red)

	leaf := unsafeptr.Tag[node](nil, red)
	fmt.Println(leaf.Pointer() == nil, leaf.Tag() == red)
	// Output:
	// true 7 true
	// true true
}

func ExampleTag() {
	defer func() { fmt.Println(recover()) }()
	c := 'x'
	unsafeptr.Tag(&c, 9)
	// Output:
	// unsafeptr: tag 9 does not fit into the 2 bits beside a *int32; use a smaller tag, or a type of larger alignment and of a size other than 0
}

func ExampleRange() {
	var frame struct {
		head [16]byte
		body [48]byte
	}
	whole := unsafeptr.RangeOf(&frame)
	body := unsafeptr.RangeOf(&frame.body)

	fmt.Println(whole.Size(), body.Size(), whole.Overlaps(body))
	fmt.Println(body.Base() - whole.Base())
	fmt.Println(unsafeptr.ContainsSlice(body, frame.body[8:24]))
	fmt.Println(unsafeptr.ContainsSlice(body, frame.head[:4]))
	// Output:
	// 64 48 true
	// 16
	// true
	// false
}

func ExampleLayout() {
	type conn struct {
		open bool
		id   uint32
		buf  [64]byte
		ring [2]struct {
			seq  uintptr
			next *int
		}
	}
	l := unsafeptr.LayoutOf[conn]()
	path, typ, _ := l.FirstPointer()
	fmt.Println("padding:", l.Padding)
	fmt.Println("pointers:", len(l.PointerWords()), "first:", path, typ)
	fmt.Println("buffers:", l.ScalarRuns(32))
	// Output:
	// padding: 3
	// pointers: 2 first: ring[0].next *int
	// buffers: [{8 64}]
}

func ExampleLayoutFor() {
	l := unsafeptr.LayoutFor(reflect.TypeFor[[8]uint32]())
	fmt.Println(l.Type, l.Size, l.Align, l.HasPointers())
	// Output: [8]uint32 32 4 false
}

// A search for the first pointer ends at the first pointer.
func ExampleLayout_Pointers() {
	for off := range unsafeptr.LayoutOf[[1 << 20]*int]().Pointers {
		fmt.Println(off)
		break
	}
	// Output: 0
}

// A released value is overwritten, so that who still uses it notices.
func ExampleBytes() {
	v := struct{ a, b uint16 }{1, 2}
	for i := range unsafeptr.Bytes(&v) {
		unsafeptr.Bytes(&v)[i] = 0xdb
	}
	fmt.Printf("%#x\n", v)
	// Output: {0xdbdb 0xdbdb}
}

// A Span names a part of a value's bytes.
func ExampleSpan() {
	var v struct {
		next *int
		name [8]byte
	}
	copy(v.name[:], "pinion")
	for _, s := range unsafeptr.LayoutFor(reflect.TypeOf(v)).ScalarRuns(1) {
		fmt.Printf("%q\n", unsafeptr.Bytes(&v)[s.Off:][:s.Size])
	}
	// Output: "pinion\x00\x00"
}

// A target outside the owner is refused, and the Rel stays as it was.
func ExampleRangeError() {
	var owner struct {
		rel unsafeptr.Rel[int]
		n   int
	}
	stranger := 1
	err := owner.rel.SetIn(unsafeptr.RangeOf(&owner), &stranger)
	e := err.(*unsafeptr.RangeError)
	fmt.Println(e.Op, "refuses", e.What, owner.rel.IsNil())
	// Output: Rel.SetIn refuses the target true
}

// The address of an int32 has room for two bits.
func ExampleTagError() {
	defer func() {
		e := recover().(*unsafeptr.TagError)
		fmt.Println(e.Tag, "does not fit into", e.Bits, "bits beside a pointer to", e.Type)
	}()
	unsafeptr.Tag(new(int32), 4)
	// Output: 4 does not fit into 2 bits beside a pointer to int32
}
