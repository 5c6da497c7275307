
// Words is an answer as people read it.
func (q questionView) Words(v string) i18n.Text { return q.inWords(v) }

// Plus is how many companions the n-th choice of the list stands for.
func (v formView) Plus(n int) int { return n + 1 }
