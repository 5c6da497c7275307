package interchange

import "testing"

// TestAdopt: a programme that went out as schedule.xml and comes back has the keys it left with.
func TestAdopt(t *testing.T) {
	d := rich()
	out, err := EncodeXML(public(d), exportOptions())
	if err != nil {
		t.Fatal(err)
	}
	in, _ := decodeOne(t, "s.xml", string(out), Options{Meeting: "iw5"})
	if in.Meeting.Rooms[0].Key == "r1" || in.Sessions[0].Speakers[0].Speaker == "sato" {
		t.Fatal("the keys are the same already: the test says nothing")
	}
	in.Adopt(d)
	rooms := map[string]bool{}
	for _, r := range in.Meeting.Rooms {
		rooms[r.Key] = true
	}
	if !rooms["r1"] {
		t.Errorf("rooms: %+v", in.Meeting.Rooms)
	}
	for _, s := range in.Sessions {
		if s.Code == "" && s.Ref == "ABC123" {
			if s.Kind != "regular" || len(s.Topics) != 1 || s.Topics[0] != "routing" || s.Speakers[0].Speaker != "sato" || s.Speakers[1].Speaker != "suzuki" {
				t.Errorf("the session: %+v", s)
			}
			return
		}
	}
	t.Error("the session with ref ABC123 did not come back")
}
