package fuzz_test

// arenaSeeds lead FuzzArena to the corners: each is a story about one rule.
var arenaSeeds = map[string]string{
	"life": "new 0 0; write 0 0 7; hold 0 0; release 0 0; write 0 0 9; unhold 0 0; stale 0 0; new 0 0; stale 0 0; release 0 0",

	"reuse-many": "new 0 19; release 0 0; release 0 0; release 0 0; new 0 4; stale 0 0; stale 0 1; stale 0 2; sweep 0; new 0 19; stale 0 9",

	"held-while-reused": "new 0 1; hold 0 0; release 0 0; new 0 6; write 0 0 5; collect; unhold 0 0; new 0 0; unhold 0 0; hold 0 0; hold 0 0; release 0 0; unhold 0 0; stale 0 0; unhold 0 0",

	"grows":       "new 0 19; new 0 19; new 0 19; new 0 19; new 0 19; new 0 19; new 0 19; new 0 19; new 0 19; collect; grow-stack 60; sweep 0; new 0 19; new 0 19; sweep 0; collect",
	"grows-large": "open 7; new 1 19; new 1 19; write 1 3 8; new 1 19; new 1 19; new 1 19; collect; sweep 1; new 1 19; close 1; sweep 1; sweep 1; sweep 1; sweep 1; sweep 1; sweep 1; close 1",

	"failed-inits":    "new-fails 0 0; new-fails 0 1; new-fails 0 2; new 0 0; new-fails 0 1; new 0 1; new-fails 0 2; release 0 0; new-fails 0 0; new 0 0",
	"failed-when-one": "open 1; new 1 7; new-fails 1 1; release 1 0; new-fails 1 0; new-fails 1 1; new-fails 1 2; new 1 0; new 1 0",

	"nested-inits": "open 1; new-in-new 1 0; new-in-new 1 1; new-in-new 1 2; new-in-new 1 3; new 1 3; release-in-new 1 2 0; release 1 0; release-in-new 1 0 0; release-in-new 1 3 0",

	"drop-panics":         "new 0 4; arm 0 0 0 0; release 0 0; new 0 0; arm 0 1 1 0; hold 0 1; release 0 1; unhold 0 0; new 0 2",
	"drop-cascades":       "new 0 9; arm 0 0 2 4; arm 0 4 2 1; arm 0 1 2 3; arm 0 3 0; release 0 0; new 0 9; sweep 0",
	"drop-news":           "open 1; new 1 8; arm 1 0 3; arm 1 1 3; release 1 0; release 1 0; arm 1 3 3; release 1 3; close 1; arm 1 0 3; release 1 0",
	"drop-news-in-drop":   "open 1; new 1 8; arm 1 0 2 0; arm 1 1 3; release 1 0; new 1 0; arm 1 0 2 1; arm 1 1 2 0; arm 1 2 3; arm 1 3 3; release 1 0; new 1 8",
	"drop-uses-itself":    "new 0 0; arm 0 0 4; release 0 0; new 0 1; hold 0 0; arm 0 0 4; release-field 0 0; unhold 0 0",
	"drop-in-sweep":       "new 0 9; arm 0 0 3; arm 0 2 2 5; arm 0 4 1; sweep 0; sweep 0",
	"close-with-values":   "new 0 3; hold 0 1; release 0 1; close 0; new 0 0; release 0 0; unhold 0 0; close 0; release 0 0; release 0 0; close 0; new 0 0; stale 0 1; close 0",
	"close-off-heap":      "open 3; new 1 9; write 1 4 4; close 1; release-field 1 2; stale 1 0; sweep 1; sweep 1; sweep 1; sweep 1; close 1; stale 1 3; open 3; new 2 9; stale 1 0; stale 1 1",
	"fence":               "open 4; new 1 5; write 1 1 6; release 1 0; scribble 1 0 0; hold 1 0; release 1 0; scribble 1 1 1; unhold 1 0; scribble 1 1 2; new 1 9; stale 1 0; collect; close 1",
	"fence-fixed":         "open 5; new 1 7; new 1 0; release 1 0; scribble 1 0 5; new 1 0; release 1 2; new-fails 1 0; scribble 1 1 4; new 1 0",
	"poison":              "open 2; new 1 5; release 1 0; release 1 1; scribble 1 0 0; scribble 1 1 9; new 1 3; scribble 1 1 1; sweep 1; scribble 1 2 100; new 1 9",
	"poison-traced":       "open 6; new 1 19; new 1 19; new 1 19; new 1 19; new 1 19; close 1; sweep 1; scribble 1 3 3; close 1; sweep 1; close 1; sweep 1; sweep 1; sweep 1; sweep 1; close 1",
	"poison-large":        "open 8; new 1 19; release 1 3; scribble 1 0 1; new-fails 1 1; scribble 1 0 1; new-in-new 1 3; close 1; collect",
	"single":              "open 9; new 1 1; write 1 0 3; hold 1 0; collect; release 1 0; grow-stack 30; unhold 1 0; new-fails 1 0; new-fails 1 1; new-fails 1 2; new 1 3; stale 1 0; arm 1 0 0; release 1 0; arm 1 0 1; release 1 0",
	"three-arenas":        "open 1; open 0; new 0 5; new 1 5; new 2 5; foreign 0 1; foreign 1 2; foreign 2 0; release 0 0; open 1 0; new 0 3; foreign 0 1; stale 0 0; foreign 2 0; close 1; foreign 1 0",
	"composites":          "compose 0 0; compose 0 1; compose 0 2; compose 1 0; compose 1 1; compose 1 2; compose 2 0; compose 2 1; compose 2 2; compose 3 0",
	"held-at-the-end":     "open 4; open 9; new 0 2; new 1 2; new 2 2; hold 0 0; hold 1 1; hold 2 0; hold 0 0; release 0 0; release-field 1 1; release 2 0",
	"unhold-by-the-field": "new 0 0; hold 0 1; hold 0 0; hold 0 1; release-field 0 0; unhold 0 0; unhold 0 0; unhold 0 0; unhold 0 0",
}
