package future

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// message of sender from, number seq.
type parcel struct{ from, seq int }

// receipts is what became of the parcels.
type receipts struct {
	mu       sync.Mutex
	sent     map[parcel]bool // Send returned nil
	refused  map[parcel]bool // Send handed it back
	received map[parcel]int
	last     map[[2]int]int // by receiver and sender
	errs     []string
}

func newReceipts() *receipts {
	return &receipts{sent: map[parcel]bool{}, refused: map[parcel]bool{}, received: map[parcel]int{}, last: map[[2]int]int{}}
}

func (r *receipts) send(p parcel, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.sent[p] = true
		return
	}
	r.refused[p] = true
	var e *SendError[parcel]
	if errors.As(err, &e) && e.Value != p {
		r.errs = append(r.errs, fmt.Sprintf("%v was handed back as %v", p, e.Value))
	}
}

func (r *receipts) receive(by int, p parcel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received[p]++
	k := [2]int{by, p.from}
	if last, ok := r.last[k]; ok && last >= p.seq {
		r.errs = append(r.errs, fmt.Sprintf("receiver %d has %d of sender %d after %d", by, p.seq, p.from, last))
	}
	r.last[k] = p.seq
}

func (r *receipts) check(t *testing.T) {
	t.Helper()
	for _, e := range r.errs {
		t.Error(e)
	}
	for p, n := range r.received {
		if n != 1 || !r.sent[p] || r.refused[p] {
			t.Errorf("%v: received %d times, sent %v, refused %v", p, n, r.sent[p], r.refused[p])
		}
	}
	for p := range r.sent {
		if r.received[p] != 1 || r.refused[p] {
			t.Errorf("%v: sent, received %d times, refused %v", p, r.received[p], r.refused[p])
		}
	}
	if len(r.received) == 0 {
		t.Error("nothing was received")
	}
}

// TestChanDeliversEachValueOnce: every value sent is received exactly once or handed
// back, and the values of one sender come in order.
func TestChanDeliversEachValueOnce(t *testing.T) {
	for _, capacity := range []int{0, 1, 3} {
		t.Run(fmt.Sprint("cap ", capacity), func(t *testing.T) {
			scenes(t, func(t *testing.T, spawn func(actor) func(), c cast) {
				ch := NewChan[parcel](capacity)
				r := newReceipts()
				var senders atomic.Int32
				gone := func() {
					if senders.Add(-1) == 0 {
						ch.Close()
					}
				}
				var ends []func()
				senders.Add(int32((c.tasks+1)/2 + (c.goroutines+1)/2))
				for i := range c.tasks {
					if i%2 == 0 {
						ends = append(ends, spawn(newActor(uint64(i), sendParcels(ch, r, i, c.rounds, gone))))
					} else {
						ends = append(ends, spawn(newActor(uint64(i), receiveParcels(ch, r, i))))
					}
				}
				var wg sync.WaitGroup
				for i := range c.goroutines {
					from := 100 + i
					wg.Go(func() {
						rng := rand.New(rand.NewPCG(uint64(i), 1))
						if i%2 == 0 {
							defer gone()
							for seq := range c.rounds {
								p := parcel{from, seq}
								if rng.IntN(2) == 0 && ch.TrySend(p) == nil {
									r.send(p, nil)
									continue
								}
								r.send(p, ch.Send(p))
								fiddle(rng)
							}
							return
						}
						for {
							p, err := ch.TryRecv()
							if err == ErrWouldBlock {
								p, err = ch.Recv()
							}
							if err == ErrClosed {
								return
							}
							if err != nil {
								t.Error(err)
							}
							r.receive(from, p)
							fiddle(rng)
						}
					})
				}
				wg.Wait()
				for _, end := range ends {
					end()
				}
				r.check(t)
				wantChanUnused(t, ch)
			})
		})
	}
}

// sendParcels makes an actor's attempts to send.
func sendParcels(ch *Chan[parcel], r *receipts, from, rounds int, gone func()) func(rng *rand.Rand) *attempt {
	seq := 0
	return func(rng *rand.Rand) *attempt {
		if seq++; seq > rounds {
			gone()
			return nil
		}
		p := parcel{from, seq}
		f := ch.SendAsync(p)
		return &attempt{
			f: &f,
			then: func(*Context) (int, error) {
				err := f.Result()
				r.send(p, err)
				return rng.IntN(3), err
			},
			done: func(*Context) {},
		}
	}
}

// receiveParcels makes an actor's attempts to receive.
func receiveParcels(ch *Chan[parcel], r *receipts, by int) func(rng *rand.Rand) *attempt {
	over := false
	return func(rng *rand.Rand) *attempt {
		if over {
			return nil
		}
		f := ch.RecvAsync()
		return &attempt{
			f: &f,
			then: func(*Context) (int, error) {
				p, err := f.Result()
				switch err {
				case nil:
					r.receive(by, p)
				case ErrClosed:
					over = true
					err = nil
				}
				return rng.IntN(3), err
			},
			done: func(*Context) {},
		}
	}
}
