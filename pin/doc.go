// Package pin keeps values at fixed addresses, and recognises every use of one
// that is no longer there.
package pin
