package async

import (
	"bytes"
	"go/token"
	"slices"
	"sort"
)

// textEdits are changes to a source that leave all else where it is.
type textEdits struct {
	src  []byte
	file *token.File
	list []textEdit
}

type textEdit struct {
	at, end int // offsets
	text    string
	shift   int // of what follows, once applied
}

func (t *textEdits) insert(pos token.Pos, text string) { t.replace(pos, pos, text) }

func (t *textEdits) replace(pos, end token.Pos, text string) {
	t.list = append(t.list, textEdit{at: t.file.Offset(pos), end: t.file.Offset(end), text: text})
}

// apply returns the source with the changes. Of several at the same place, the one
// that was made first comes first.
func (t *textEdits) apply() []byte {
	slices.SortStableFunc(t.list, func(a, b textEdit) int { return a.at - b.at })
	var out bytes.Buffer
	from, shift := 0, 0
	for i, e := range t.list {
		shift += len(e.text) - (e.end - e.at)
		t.list[i].shift = shift
		out.Write(t.src[from:e.at])
		out.WriteString(e.text)
		from = e.end
	}
	out.Write(t.src[from:])
	return out.Bytes()
}

// moved returns where what was at an offset is after the changes: behind all
// that was inserted before it. Nothing in a replaced range is asked for. It is
// called once they are applied.
func (t *textEdits) moved(offset int) int {
	i := sort.Search(len(t.list), func(i int) bool { return t.list[i].at > offset })
	if i == 0 {
		return offset
	}
	return offset + t.list[i-1].shift
}
