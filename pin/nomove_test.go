package pin_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pinion-go/pinion/pin"
	"github.com/pinion-go/pinion/unsafeptr"
)

var _ sync.Locker = (*pin.NoMove)(nil) // what vet looks for

func TestNoMoveHasNoSize(t *testing.T) {
	type ring struct {
		_    pin.NoMove
		next *ring
	}
	if got, want := unsafeptr.LayoutOf[ring]().Size, unsafeptr.LayoutOf[*ring]().Size; got != want {
		t.Errorf("a struct with a NoMove is %d bytes, without %d", got, want)
	}
}

func TestVetReportsACopyOfNoMove(t *testing.T) {
	out, err := goTool(t, `package user

import "github.com/pinion-go/pinion/pin"

type ring struct {
	_ pin.NoMove
	p *ring
}

func copied(r *ring) *ring {
	c := *r
	return &c
}
`, "vet", "-mod=mod", ".")
	if err == nil || !strings.Contains(out, "assignment copies lock value to c") {
		t.Errorf("go vet of a copied NoMove: %v\n%s", err, out)
	}
}

func ExampleNoMove() {
	type ring struct {
		_    pin.NoMove
		next *ring
	}
	var r ring
	r.next = &r // go vet now reports every plain copy of r
	fmt.Println(r.next == &r)
	// Output: true
}
