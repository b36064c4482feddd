package frame

import "github.com/pinion-go/pinion/future"

// At says where a future waits: at its own suspension point, and within the child that
// it waits for, if that can tell.
func At(point string, child future.Future) string {
	if s, ok := child.(future.Suspender); ok {
		if in := s.Suspended(); in != "" {
			return point + " > " + in
		}
	}
	return point
}
