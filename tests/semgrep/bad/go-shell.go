package bad

import "os/exec"

func run(line string) error { return exec.Command("sh", "-c", line).Run() }
