package silent

import (
	"time"

	"github.com/pinion-go/pinion/future"
)

func nap() { time.Sleep(1) } // want nap:`.*`

func meant() {
	time.Sleep(1) //pinion:blocking shorter than a poll
}

type chain struct{}

func (c chain) nap() chain { time.Sleep(1); return c } // want nap:`.*`

//pinion:async
func Serve() { // want Serve:`.*`
	nap() //pinion:blocking at the start only
	//pinion:blocking the last one
	nap()
	// A comment between the two,
	//pinion:blocking has a reason
	// and one behind it.
	nap()

	nap() //pinion:blocking speaks for its own line alone
	nap() // want `Serve calls nap`

	//pinion:blocking not for what comes after a blank line

	nap() // want `Serve calls nap`
	meant()
	chain{}.
		nap(). //pinion:blocking the first of the chain
		nap()  // want `calls chain\.nap`
	// pinion:blocking with a space this is an ordinary comment
	nap() // want `Serve calls nap`
	//pinion:blockings
	nap() // want `Serve calls nap`
	future.Sleep(1)
}

//pinion:blocking // want `^//pinion:blocking gives no reason; say why the call may block, as in //pinion:blocking REASON$`
func Reasonless() { // want Reasonless:`.*`
	nap() //pinion:blocking // want `gives no reason`
}

// All that it does is meant.
//
//pinion:async
//pinion:blocking runs on a loop of its own
func Whole() { // want Whole:`^marked$`
	nap()
	time.Sleep(1)
}
