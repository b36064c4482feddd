package future

import (
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"unique"
	"weak"

	"github.com/pinion-go/pinion/unsafeptr"
)

// The types whose frames are wiped: buffers, pointers of all kinds, and both.
type (
	wipePlain  struct{ a, b, c uint64 }
	wipeBuffer struct{ buf [4096]byte }
	wipeFramed struct {
		n   int
		buf [512]byte
		m   int32
		odd [300]uint16
		end byte
	}
	wipeStrings struct {
		s   string
		buf [1000]byte
		e   error
		f   func()
		m   map[string]int
		c   chan int
		sl  []string
		p   *int
		u   unique.Handle[string]
	}
	wipeArrays struct {
		a   [40]string
		buf [256]byte
		b   [40]any
	}
	wipeMany struct { // more pointers than are stored one by one
		a   [100]*int
		buf [2048]byte
		b   [100]*int
	}
	wipeShort struct { // too short to count as a buffer
		p   *int
		buf [255]byte
		q   *int
	}
	wipeNested struct {
		in [3]wipeStrings
		b  bool
	}
	wipeEdges struct {
		head [256]byte
		p    *int
		tail [256]byte
	}
	wipeNothing struct{}
)

// fill gives an F a value without zero words, and probes looks at one.
type wiped[F any] struct{ f F }

func (*wiped[F]) Poll(*Context) Poll { return Ready }

func testWipe[F any](t *testing.T, fill func(*F), buffers func(*F) int) {
	t.Run(fmt.Sprintf("%T", *new(F)), func(t *testing.T) {
		l := newTestLoop(t)
		dirty := func() *wiped[F] {
			task := Spawn(l, wiped[F]{})
			p := mustWait(t, task)
			fill(&p.f)
			for i, b := range unsafeptr.Bytes(p) {
				if b == 0 && !unsafeptr.LayoutOf[wiped[F]]().HasPointers() {
					unsafeptr.Bytes(p)[i] = 0xAA // padding too
				}
			}
			task.Release()
			return p
		}
		was := dirty()
		task, err := SpawnInit(l, func(p *wiped[F]) error {
			if p != was && unsafeptr.LayoutOf[F]().Size > 0 {
				t.Error("the frame was not used again")
			}
			nonzero := 0
			for _, b := range unsafeptr.Bytes(p) {
				if b != 0 {
					nonzero++
				}
			}
			if max := buffers(&p.f); nonzero > max {
				t.Errorf("%d bytes are not zero; the buffers have %d", nonzero, max)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		mustWait(t, task)
		task.Release()
		// By value, everything is as in the value.
		was = dirty()
		byValue := Spawn(l, wiped[F]{})
		if p := mustWait(t, byValue); !reflect.DeepEqual(p.f, *new(F)) {
			t.Error("a frame spawned by value is not the value")
		}
		byValue.Release()
	})
}

func TestFramesAreLikeNewButForTheirBuffers(t *testing.T) {
	i, e := 1, fmt.Errorf("e")
	ones := func(b []byte) {
		for i := range b {
			b[i] = 0xFF
		}
	}
	fillStrings := func(f *wipeStrings) {
		*f = wipeStrings{"s", [1000]byte{}, e, func() {}, map[string]int{"a": 1}, make(chan int), []string{"x"}, &i, unique.Make("u")}
		ones(f.buf[:])
	}
	testWipe(t, func(f *wipePlain) { *f = wipePlain{1, 2, 3} }, func(*wipePlain) int { return 0 })
	testWipe(t, func(f *wipeBuffer) { ones(f.buf[:]) }, func(f *wipeBuffer) int { return 4096 })
	testWipe(t, func(f *wipeFramed) {
		f.n, f.m, f.end = 1, 2, 3
		ones(f.buf[:])
		ones(unsafeptr.Bytes(&f.odd))
	}, func(f *wipeFramed) int { return 512 + 600 })
	testWipe(t, fillStrings, func(*wipeStrings) int { return 1000 })
	testWipe(t, func(f *wipeArrays) {
		for k := range f.a {
			f.a[k], f.b[k] = "a", e
		}
		ones(f.buf[:])
	}, func(*wipeArrays) int { return 256 })
	testWipe(t, func(f *wipeMany) {
		for k := range f.a {
			f.a[k], f.b[k] = &i, &i
		}
		ones(f.buf[:])
	}, func(*wipeMany) int { return 2048 })
	testWipe(t, func(f *wipeShort) { f.p, f.q = &i, &i; ones(f.buf[:]) }, func(*wipeShort) int { return 0 })
	testWipe(t, func(f *wipeNested) {
		for k := range f.in {
			fillStrings(&f.in[k])
		}
		f.b = true
	}, func(*wipeNested) int { return 3000 })
	testWipe(t, func(f *wipeEdges) { f.p = &i; ones(f.head[:]); ones(f.tail[:]) }, func(*wipeEdges) int { return 512 })
	testWipe(t, func(*wipeNothing) {}, func(*wipeNothing) int { return 0 })
}

// keeper holds on to things in every way, beside a buffer.
type keeper struct {
	p   *[64]byte
	buf [1024]byte
	s   []byte
	a   any
	f   func() byte
	n   int
}

func (*keeper) Poll(*Context) Poll { return Ready }

func TestReleasedFramesLetGoOfWhatTheyPointAt(t *testing.T) {
	l := newTestLoop(t)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() { // the collector is at work while frames are wiped
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	var things []weak.Pointer[[64]byte]
	thing := func() *[64]byte {
		p := new([64]byte)
		things = append(things, weak.Make(p))
		return p
	}
	for range 2000 {
		f := keeper{p: thing(), s: thing()[:], a: thing()}
		q := thing()
		f.f = func() byte { return q[0] }
		task := Spawn(l, f)
		mustWait(t, task)
		task.Release()
	}
	close(stop)
	<-done
	runtime.GC()
	runtime.GC()
	for i, w := range things {
		if w.Value() != nil {
			t.Fatalf("thing %d of %d is still alive", i, len(things))
		}
	}
}

func TestLiveFramesKeepWhatTheyPointAt(t *testing.T) {
	l := newTestLoop(t)
	var tasks []Task[keeper]
	for i := range 500 {
		b := byte(i)
		p := &[64]byte{b}
		q := &[64]byte{b}
		tasks = append(tasks, Spawn(l, keeper{p: p, s: p[:1], a: q, f: func() byte { return q[0] }, n: i}))
		if i%100 == 0 {
			runtime.GC()
		}
	}
	runtime.GC()
	for i, task := range tasks {
		f := mustWait(t, task)
		if b := byte(i); f.p[0] != b || f.s[0] != b || f.a.(*[64]byte)[0] != b || f.f() != b || f.n != i {
			t.Fatalf("frame %d is damaged", i)
		}
		task.Release()
	}
}

func TestFramesDoNotMoveNorOverlap(t *testing.T) {
	l := newTestLoop(t)
	type frame struct {
		task Task[wipedFrame]
		addr uintptr
	}
	var live []frame
	owner := make(map[uintptr]int)
	for round := range 5000 {
		task := Spawn(l, wipedFrame{n: round})
		p := mustWait(t, task)
		a := unsafeptr.Addr(p)
		if other, taken := owner[a]; taken {
			t.Fatalf("frame %d is where %d is", round, other)
		}
		owner[a] = round
		live = append(live, frame{task, a})
		if round%3 == 0 {
			f := live[round*7%len(live)]
			live[round*7%len(live)] = live[len(live)-1]
			live = live[:len(live)-1]
			if p := mustWait(t, f.task); unsafeptr.Addr(p) != f.addr || p.n != owner[f.addr] {
				t.Fatalf("frame %d has moved or changed", owner[f.addr])
			}
			delete(owner, f.addr)
			f.task.Release()
		}
	}
	for _, f := range live {
		f.task.Release()
	}
}

type wipedFrame struct {
	n   int
	buf [300]byte
}

func (*wipedFrame) Poll(*Context) Poll { return Ready }

// huge is so large that a chunk has few of them.
type huge struct {
	buf [1 << 18]byte
	n   int
}

func (f *huge) Poll(cx *Context) Poll { return Poll(cx.canceled) }

func TestHugeFrames(t *testing.T) {
	l := newTestLoop(t)
	var built atomic.Int32
	var tasks []Task[huge]
	for i := range 20 {
		task, err := SpawnInit(l, func(f *huge) error { built.Add(1); f.n = i; f.buf[len(f.buf)-1] = byte(i); return nil })
		if err != nil {
			t.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	run(t, l)
	for i, task := range tasks {
		task.Cancel()
		if f := mustWait(t, task); f.n != i || f.buf[len(f.buf)-1] != byte(i) {
			t.Errorf("frame %d is damaged", i)
		}
		task.Release()
	}
}
