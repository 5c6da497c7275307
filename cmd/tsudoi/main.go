// Command tsudoi is the software that network operators' groups run on: the community between meetings and the meeting itself.
package main

import (
	"os"
	_ "time/tzdata" // the zones of meetings, also where the system has none

	"github.com/tsudoi/tsudoi/internal/app"
)

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(app.Main(version, os.Args[1:], os.Stdout, os.Stderr))
}
