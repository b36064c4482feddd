package async

import (
	"bytes"
	"go/token"
	"slices"
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
}

func (t *textEdits) insert(pos token.Pos, text string) { t.replace(pos, pos, text) }

func (t *textEdits) replace(pos, end token.Pos, text string) {
	t.list = append(t.list, textEdit{t.file.Offset(pos), t.file.Offset(end), text})
}

// apply returns the source with the changes. Of several at the same place, the one
// that was made first comes first.
func (t *textEdits) apply() []byte {
	slices.SortStableFunc(t.list, func(a, b textEdit) int { return a.at - b.at })
	var out bytes.Buffer
	from := 0
	for _, e := range t.list {
		out.Write(t.src[from:e.at])
		out.WriteString(e.text)
		from = e.end
	}
	out.Write(t.src[from:])
	return out.Bytes()
}

// moved returns where what was at an offset is after the changes: behind all
// that was inserted before it. Nothing in a replaced range is asked for.
func (t *textEdits) moved(offset int) int {
	to := offset
	for _, e := range t.list {
		if e.at <= offset {
			to += len(e.text) - (e.end - e.at)
		}
	}
	return to
}
