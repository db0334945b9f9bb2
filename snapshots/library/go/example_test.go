package mylibrary_test

import (
	"fmt"

	mylibrary "github.com/acme/my-library"
)

func ExampleLimiter_Take() {
	limiter, err := mylibrary.New(0.001, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, caller := range []string{"ada", "ada", "ada", "grace"} {
		fmt.Println(caller, limiter.Take(caller) == 0)
	}
	// Output:
	// ada true
	// ada true
	// ada false
	// grace true
}
