// Command service serves HTTP until it is told to stop. `service token` mints a token for trials.
package main

import (
	"os"

	"github.com/acme/my-service/internal/service"
)

func main() {
	os.Exit(service.Main(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
