package app

type benchCmd struct{}

// Run measures this machine.
func (benchCmd) Run(*session) error { return nil }

type doctorCmd struct{}

// Run looks for what is wrong.
func (doctorCmd) Run(*session) error { return nil }
