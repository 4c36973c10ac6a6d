// A time of a file, since 1970. 64 bits would end in 2262: ext4 goes on to 2446, XFS to 2486, btrfs beyond all years.
global using Nanoseconds = System.Int128;
