package unsafeptr

import "reflect"

// A Span is the bytes [Off, Off+Size) of a value.
type Span struct {
	Off, Size uintptr
}

// maxRepeatedRuns bounds the spans that one array of structs may contribute to
// [Layout.ScalarRuns], which otherwise would grow with the array's length.
const maxRepeatedRuns = 64

// ScalarRuns returns the buffers in the type: its arrays of at least min bytes
// whose elements hold no pointers, wherever they are nested by value. The spans are
// sorted and do not overlap; two arrays side by side stay two spans. The type itself is
// one span if it is such an array. An array of size zero is never one.
//
// Buffers that repeat, because they are in the elements of an array that also hold
// pointers, are listed one by one up to 64 for that array; an array with more
// contributes none.
//
// All bytes of a Span may be overwritten without harm to the collector. Other
// fields without pointers are not listed, nor is what the value points to.
func (l *Layout) ScalarRuns(min uintptr) []Span {
	return l.appendRuns(nil, 0, max(min, 1))
}

// appendRuns appends the runs of an l at offset base to spans. min is not 0.
func (l *Layout) appendRuns(spans []Span, base, min uintptr) []Span {
	if l.Size < min {
		return spans
	}
	switch l.Type.Kind() {
	case reflect.Array:
		if !l.elem.pointers {
			return append(spans, Span{base, l.Size})
		}
		each := l.elem.appendRuns(nil, 0, min)
		if len(each) == 0 || l.Type.Len() > maxRepeatedRuns/len(each) {
			return spans
		}
		for i := range uintptr(l.Type.Len()) {
			for _, s := range each {
				spans = append(spans, Span{base + i*l.elem.Size + s.Off, s.Size})
			}
		}
	case reflect.Struct:
		for _, f := range l.fields {
			spans = f.appendRuns(spans, base+f.off, min)
		}
	}
	return spans
}
