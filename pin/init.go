package pin

// A Builder notes what [Init] has to undo if a later step fails.
type Builder struct {
	_    NoMove
	made []Dropper // in the order in which they were made
	over bool      // Init has returned
}

// Init runs steps, which builds a value of several parts in place by calls of [Make]. If steps returns an error,
// which Init returns, or panics or calls runtime.Goexit, which go on, then every part made so far that is a
// [Dropper] is dropped exactly once, the last one first. If steps returns nil, the parts are
// complete and belong to the value, whose own Drop is responsible for them from then on.
//
//	arena.New(func(c *conn) error {
//		return pin.Init(func(b *pin.Builder) error {
//			if err := pin.Make(b, &c.file, openFile); err != nil {
//				return err
//			}
//			return pin.Make(b, &c.lock, takeLock)
//		})
//	})
//
// A part may itself be built with Init. If a Drop panics, the parts before it
// are dropped all the same. The memory of the parts is left as it is: [Arena.New] clears the slot.
//
// What the builder is for is the fault of pin-init's issue 136, "dropped init leaves earlier
// fields undropped", in Rust.
//
// A Builder belongs to the goroutine that called Init, until Init returns. Init allocates.
func Init(steps func(b *Builder) error) error {
	var b Builder
	complete := false
	defer func() {
		b.over = true
		if !complete {
			b.undo()
		}
	}()
	if err := steps(&b); err != nil {
		return err
	}
	complete = true
	return nil
}

// Make builds one part: it calls init for field, or leaves the field as it is for a nil init, and notes the
// part in b if *F is a [Dropper]. If init fails, by error, panic or runtime.Goexit, this part is not
// dropped, since it was never complete. Make returns the error of init, and [ErrInitOver] without calling
// init if b's Init has returned already.
//
// field must stay where it is, which is why it is a field of the slot that [Arena.New] gives.
func Make[F any](b *Builder, field *F, init func(*F) error) error {
	if b.over {
		return ErrInitOver
	}
	if init != nil {
		if err := init(field); err != nil {
			return err
		}
	}
	if d, ok := any(field).(Dropper); ok {
		b.made = append(b.made, d)
	}
	return nil
}

// undo drops what was made, the last one first, each of them even if another panics
// or ends the goroutine: which is how deferred calls run.
func (b *Builder) undo() {
	for _, d := range b.made {
		defer d.Drop()
	}
	b.made = nil
}
