package pin_test

import (
	"fmt"

	"github.com/pinion-go/pinion/pin"
)

// A counter is a value that must not move: it points to itself, and checks that it has not been copied.
type counter struct {
	anchor pin.Anchor
	digits [8]byte
	last   pin.Self[byte] // the last of the digits
}

func newCounter(c *counter) error {
	copy(c.digits[:], "00000000")
	pin.Bind(c, &c.last, &c.digits[7])
	c.anchor.Check()
	return nil
}

func (c *counter) next() {
	c.anchor.Check()
	*c.last.Get()++
}

func Example() {
	arena, err := pin.NewArena[counter](pin.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := arena.New(newCounter)
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Get().next()
	p.Get().next()
	fmt.Printf("%s\n", p.Get().digits)

	copied := *p.Get()
	func() {
		defer func() {
			_, moved := recover().(*pin.MovedError)
			fmt.Println("a copy is noticed:", moved)
		}()
		copied.next()
	}()

	p.Release()
	_, ok := p.Try()
	fmt.Println("there after Release:", ok)
	fmt.Println("leaks:", arena.Close())
	// Output:
	// 00000002
	// a copy is noticed: true
	// there after Release: false
	// leaks: <nil>
}
