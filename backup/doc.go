// Package backup writes a whole store into one file that says nothing of the database behind it, and puts it into an
// empty store, of either engine: restoring into PostgreSQL is how a group moves there.
//
// The file, inside out:
//
//   - One line of canonical JSON for each row, by the order of the primary key: members by name, integers and floating
//     numbers exactly, binary columns in base64. The rows of a table are the member "tables/NAME.ndjson" of a tar
//     archive; its first member is "manifest.json", the [Manifest].
//   - The archive is compressed with gzip. A second, empty part of the gzip file carries the SHA-256 of the first, so that
//     every bit is covered; gzip and tar read the file as usual.
//   - That is encrypted with age (https://age-encryption.org/v1), for X25519 recipients or with a passphrase, unless the
//     caller insists on a plain file.
//
// Everything is streamed: what is held is a few hundred rows. A table is therefore read twice, once for its size and hash
// and once to be written, on one snapshot.
//
// What is left out is listed in storage.NotKept, with the reason. What this package does not do: it keeps no plan of
// backups and deletes none, and it does not prove who made a file. Whoever has the public key can encrypt for it.
//
// Read [Write], [Verify] and [Restore] first.
package backup
