package async

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// measure type-checks the packages of the jobs with what was generated for them, and
// returns the frames with their sizes, the largest first. The packages that they
// import count with what would be generated for them now, whatever is on disk.
func (l *loader) measure(jobs []*job, outputs []Output) ([]Frame, []*Error, error) {
	overlay := maps.Clone(l.overlay)
	if overlay == nil {
		overlay = map[string][]byte{}
	}
	imported, errs, err := l.imported(jobs)
	if err != nil || len(errs) > 0 {
		return nil, errs, err
	}
	for _, o := range append(imported, outputs...) {
		if o.Source != nil {
			overlay[o.Path] = o.Source
		}
	}
	var sketches []*sketch
	var paths []string
	for _, j := range jobs {
		for _, s := range j.translated {
			if text := j.apart[s.file]; text != nil {
				overlay[s.output] = text
				sketches = append(sketches, j.sketches(s)...)
				paths = append(paths, cmp.Or(j.forTest, j.pkg.Path()))
			}
		}
	}
	if len(sketches) == 0 {
		return nil, nil, nil
	}
	slices.Sort(paths)
	checked, err := packages.Load(&packages.Config{
		Context:    l.cfg.Context,
		Mode:       packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir:        l.cfg.Dir,
		Env:        l.cfg.Env,
		BuildFlags: l.cfg.BuildFlags,
		Tests:      l.cfg.Tests,
		Overlay:    overlay,
	}, slices.Compact(paths)...)
	if err != nil {
		return nil, nil, &LoadError{[]string{err.Error()}}
	}
	byFile := map[string]*packages.Package{}
	for _, p := range checked {
		for _, e := range p.Errors {
			return nil, nil, &LoadError{[]string{"the frames cannot be measured: " + packageError(e)}}
		}
		for _, path := range p.CompiledGoFiles {
			byFile[path] = p
		}
	}
	var frames []Frame
	for _, s := range sketches {
		p := byFile[s.output]
		if p == nil {
			return nil, nil, &LoadError{[]string{"the frames cannot be measured: the go command does not list " + s.output}}
		}
		s.measure(p)
		frames = append(frames, s.Frame)
	}
	slices.SortStableFunc(frames, func(a, b Frame) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), strings.Compare(a.Package, b.Package), strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
	return frames, nil, nil
}

// imported compiles the marked packages that those of the jobs import.
func (l *loader) imported(jobs []*job) ([]Output, []*Error, error) {
	here := map[string]bool{}
	for _, j := range jobs {
		here[j.pkg.Path()] = true
	}
	var missing []string
	for _, p := range l.marked {
		if !here[p.PkgPath] {
			missing = append(missing, p.PkgPath)
		}
	}
	if len(missing) == 0 {
		return nil, nil, nil
	}
	cfg := l.cfg
	cfg.Frames, cfg.Tests, cfg.Leaks, cfg.Progress = false, false, false, nil
	r, err := Compile(cfg, missing...)
	if err != nil {
		return nil, nil, err
	}
	return r.Outputs, r.Errors, nil
}

// measure fills in the sizes.
func (s *sketch) measure(p *packages.Package) {
	frame := p.Types.Scope().Lookup(s.Future).Type().Underlying().(*types.Struct)
	var fields []*types.Var
	for f := range frame.Fields() {
		fields = append(fields, f)
	}
	var offsets []int64
	if !s.Generic {
		offsets = p.TypesSizes.Offsetsof(fields)
		s.Size = p.TypesSizes.Sizeof(frame)
		s.Apart = p.TypesSizes.Sizeof(p.Types.Scope().Lookup(s.apart).Type())
	}
	for i, f := range fields {
		field := Field{Name: f.Name(), Type: types.TypeString(f.Type(), types.RelativeTo(p.Types))}
		if !s.Generic {
			field.Offset, field.Size = offsets[i], p.TypesSizes.Sizeof(f.Type())
		}
		if slot := s.slots[f.Name()]; slot != nil {
			for _, v := range slot.members {
				field.Holds = append(field.Holds, s.fn.held(v))
			}
		}
		s.Fields = append(s.Fields, field)
	}
	slices.SortStableFunc(s.Fields, func(a, b Field) int { return cmp.Compare(b.Size, a.Size) })
	s.Advice = s.advice(p.TypesSizes.Sizeof(types.Typ[types.Uintptr]))
}
