// Package cycle holds the seven papers of one turn as plain data:
//
//	Snapshot  what is true now, each value with its age and source
//	Outlook   what is expected, and which forecast expects it
//	Plan      where each megawatt goes, why, and at what price of the site
//	Order     one bounded instruction to one group of devices
//	Receipt   what the devices answered, which is not proof
//	Delivery  what the meters say happened
//	Entry     balanced postings
//
// The papers of a turn are stored together. A paper is never changed after it
// was written; whatever corrects it is a new paper. Version is raised when the
// meaning of a field changes, so that an old turn can always be read.
//
// Names end without units because the types of package unit carry them.
package cycle
