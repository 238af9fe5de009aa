// Package cyclonedx reads the software that a CycloneDX bill of materials names, in JSON or XML of specification 1.2 to 1.6,
// and writes an organisation's software as one. Read [ParseJSON], [ParseXML], [Write].
//
// Components are read wherever they are nested, with the component that the document is about. Operating systems,
// applications, libraries, devices and firmware are taken; what is no software, such as files and cryptographic assets,
// is counted. Vendor, name and version are those of the component or, where it does not say, of its package URL or CPE.
// What is the same by vendor, name and version is one line.
//
// A bill of materials does not say from where software can be reached: its rows have no placement. One that this package
// wrote has it, with identity and day of the last patch, as properties whose names begin with "comity:".
//
// The decoders are our own: a document of any size is read with bounded memory, and what is wrong is told with its place,
// neither of which a decoder into the whole object model does. Two members of one name are refused, since readers differ
// in which of them they take; so is any XML document with a document type, so that no entity is ever expanded.
//
// Source: https://cyclonedx.org/docs/1.6/json and https://cyclonedx.org/docs/1.6/xml.
package cyclonedx
