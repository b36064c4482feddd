package gosmith

// production makes one construct. It gives up with ok false when the program has
// no place for it, for instance no variable of a type.
type production[T any] struct {
	construct string
	weight    int
	make      func(g *gen, d int) (made T, ok bool)
}

type table[T any] []production[T]

// pick makes one of the constructs of a table; d is how deep it may nest.
func (t table[T]) pick(g *gen, d int) (made T, ok bool) {
	total := 0
	for _, p := range t {
		total += p.weight
	}
	for range 30 {
		at := g.r.IntN(total)
		for _, p := range t {
			if at -= p.weight; at >= 0 {
				continue
			}
			uses := len(g.uses)
			if made, ok = p.make(g, d); ok {
				g.cover(p.construct)
				return made, true
			}
			g.unuse(uses)
			break
		}
	}
	return made, false
}

func (t table[T]) constructs() (names []string) {
	for _, p := range t {
		names = append(names, p.construct)
	}
	return names
}

// Constructs names all that programs are made of.
func Constructs() (names []string) {
	for _, typ := range append([]string{"V"}, types...) {
		names = append(names, expressions[typ].constructs()...)
	}
	names = append(names, statements.constructs()...)
	names = append(names, places.constructs()...)
	return append(names, extras...)
}

// extras are constructs that come with others.
var extras = []string{
	"shadowed variable", "function without results", "function with named results",
	"function with several results", "variadic function", "generic function", "method of a value",
	"method of a pointer", "method of a generic type", "package variable named as an import",
	"embedded by value", "embedded by pointer", "result changed by a defer",
	"default before other cases", "fallthrough", "recover in a deferred function of the program",
	"recover after a suspension", "recover in a deferred literal", "re-panic",
}
