// Package examples holds the meetings that Tsudoi ships with, as meeting files: what a person sees after the first start, and what
// the tests of every other package run on.
//
// All but one are real and were entered from public sources, which each file names: the programme of JANOG57 as its API served it
// and as it was changed on site, the reports of Internet Week 2023 and 2025, and public pages on past meetings of both. Numbers
// that were only reported stand as declared figures. What the sources do not state is left out. The one called Sample Meeting
// (sample.yaml) is invented from beginning to end.
package examples

import "embed"

// FS holds every file of the examples, at its root.
//
//go:embed *.yaml
var FS embed.FS

// The files. JANOG57OnSite is a later state of JANOG57: importing it after that one shows how changes are found.
const (
	Group            = "group.yaml"
	JANOG57          = "janog57.yaml"
	JANOG57OnSite    = "janog57-onsite.yaml"
	InternetWeek2023 = "iw2023.yaml"
	InternetWeek2025 = "iw2025.yaml"
	PastInternetWeek = "internetweek-past.yaml"
	JANOGArchive     = "janog-archive.yaml"
	Sample           = "sample.yaml"

	JANOG57Notices = "janog57-signage.yaml" // for screens; no meeting file
)

// Files lists the files of a first start in the order in which they are to be loaded, without JANOG57OnSite.
func Files() []string {
	return []string{Group, JANOGArchive, PastInternetWeek, InternetWeek2023, InternetWeek2025, JANOG57, Sample}
}
