package streams

import (
	"sync/atomic"
	"time"
)

// watchEvery is how often the streams are looked at. It decides when a lost wake
// is noticed, and not whether.
const watchEvery = 100 * time.Millisecond

// watch reports the progress until ended is closed, and looks for lost wakes
// whenever there is none.
func (r *run) watch(ended chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last := int64(-1)
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		if r.cfg.Progress != nil {
			r.cfg.Progress(Progress{
				Async:   r.form.async,
				Streams: int(r.finished.Load()),
				Total:   len(r.cfg.Sources),
				Bytes:   r.bytes.Load(),
			})
		}
		if now := r.chunks.Load(); now != last {
			last = now
		} else if r.ctx.Err() == nil && r.audit() {
			r.cancel() // the streams that wait in vain can be ended by a cancel only
		}
	}
}

// watchCheck reports the progress of the plain reading until ended is closed.
func (r *run) watchCheck(ended chan struct{}, checked *atomic.Int64) {
	if r.cfg.Progress == nil {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			r.cfg.Progress(Progress{Checking: true, Streams: int(checked.Load()), Total: int(r.finished.Load())})
		}
	}
}
