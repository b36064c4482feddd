package async

import (
	"go/ast"
	"go/token"
	"strconv"
)

// declared are the declarations of one package that twins may collide with, or
// need, as written: nothing is type-checked yet.
type declared struct {
	names   map[string]token.Pos            // at package level
	members map[string]map[string]token.Pos // methods and fields by type
	types   map[string]typeDecl
	idents  map[string]bool // every identifier, to find names that are free
	count   int             // numbers those found
}

// typeDecl is a declaration of a type and the file it stands in.
type typeDecl struct {
	spec *ast.TypeSpec
	file *source
}

// declarations collects the declarations of the files of one package. Types
// are also taken from the others, the files for other systems, where no file
// of this one declares them.
func declarations(files, others []*source) *declared {
	d := &declared{
		names:   make(map[string]token.Pos),
		members: make(map[string]map[string]token.Pos),
		types:   make(map[string]typeDecl),
		idents:  make(map[string]bool),
	}
	for _, s := range files {
		d.add(s)
	}
	for _, s := range others {
		d.addTypes(s)
	}
	return d
}

func (d *declared) add(s *source) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			d.idents[id.Name] = true
		}
		return true
	})
	d.addTypes(s)
	for _, decl := range s.file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				d.addName(decl.Name)
			} else if recv, _, _ := receiver(decl); recv != "" {
				d.addMember(recv, decl.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					d.addName(spec.Name)
					if t, ok := spec.Type.(*ast.StructType); ok {
						for _, field := range t.Fields.List {
							for _, name := range field.Names {
								d.addMember(spec.Name.Name, name)
							}
						}
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						d.addName(name)
					}
				}
			}
		}
	}
}

func (d *declared) addTypes(s *source) {
	for _, decl := range s.file.Decls {
		if g, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					if _, ok := d.types[t.Name.Name]; !ok {
						d.types[t.Name.Name] = typeDecl{t, s}
					}
				}
			}
		}
	}
}

func (d *declared) addName(id *ast.Ident) {
	if _, ok := d.names[id.Name]; !ok {
		d.names[id.Name] = id.Pos()
	}
}

func (d *declared) addMember(recv string, id *ast.Ident) {
	m := d.members[recv]
	if m == nil {
		m = make(map[string]token.Pos)
		d.members[recv] = m
	}
	if _, ok := m[id.Name]; !ok {
		m[id.Name] = id.Pos()
	}
}

// claim takes the names of the twins of f, or says what has them already.
func (d *declared) claim(fset *token.FileSet, f *ast.FuncDecl) *Error {
	const way = "rename one of the two"
	recv, _, _ := receiver(f)
	future, async := futureName(recv, f.Name.Name), asyncName(f.Name.Name)
	if pos, ok := d.names[future]; ok {
		return errorf(fset, pos, way, "%s is the name of the future of %s (%v)", future, title(f), fset.Position(f.Name.Pos()))
	}
	if recv == "" {
		if pos, ok := d.names[async]; ok {
			return errorf(fset, pos, way, "%s is the name of the twin of %s (%v)", async, title(f), fset.Position(f.Name.Pos()))
		}
		d.names[async] = f.Name.Pos()
	} else {
		if pos, ok := d.members[recv][async]; ok {
			return errorf(fset, pos, way, "%s.%s is the name of the twin of %s (%v)", recv, async, title(f), fset.Position(f.Name.Pos()))
		}
		d.addMember(recv, &ast.Ident{Name: async, NamePos: f.Name.Pos()})
	}
	d.names[future] = f.Name.Pos()
	return nil
}

// fresh returns a name like base that occurs nowhere in the package.
func (d *declared) fresh(base string) string {
	name := base
	for d.idents[name] {
		d.count++
		name = base + strconv.Itoa(d.count)
	}
	d.idents[name] = true
	return name
}
