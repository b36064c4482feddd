package rt

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// Show writes v without what may differ between two runs, or between a function
// and its compiled form: addresses, capacities, the order of maps and the names
// of types.
func Show(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		return clip(v.Error())
	}
	return show(reflect.ValueOf(v), 0)
}

func show(v reflect.Value, depth int) string {
	if depth > 4 {
		return "…"
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Complex64, reflect.Complex128:
		return strconv.FormatComplex(v.Complex(), 'g', -1, 128)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.String:
		return strconv.Quote(clip(v.String()))
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			return "nil[]"
		}
		return sequence("[", "]", v.Len(), func(i int) string { return show(v.Index(i), depth+1) })
	case reflect.Struct:
		return sequence("{", "}", v.NumField(), func(i int) string { return show(v.Field(i), depth+1) })
	case reflect.Map:
		return showMap(v, depth)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return "&" + show(v.Elem(), depth+1)
	case reflect.Func, reflect.Chan:
		if v.IsNil() {
			return "nil " + v.Kind().String()
		}
		return v.Kind().String()
	}
	return fmt.Sprint(v.Kind())
}

func showMap(v reflect.Value, depth int) string {
	if v.IsNil() {
		return "nil map"
	}
	var entries []string
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, show(it.Key(), depth+1)+":"+show(it.Value(), depth+1))
	}
	sort.Strings(entries)
	return sequence("map[", "]", len(entries), func(i int) string { return entries[i] })
}

// sequence joins the first of n parts.
func sequence(open, end string, n int, part func(int) string) string {
	const most = 9
	var b strings.Builder
	b.WriteString(open)
	for i := range min(n, most) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part(i))
	}
	if n > most {
		fmt.Fprintf(&b, " … %d", n)
	}
	return b.String() + end
}

func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "…" + strconv.Itoa(len(s))
	}
	return s
}
