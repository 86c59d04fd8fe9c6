"""Planning again: brings what stands in Linear to what a new plan says, and leaves people's work to them."""
