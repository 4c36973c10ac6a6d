namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>
/// What a member must keep to so that the tar here reads of it what we did. A name or size that is told twice, or in a
/// form that one of the two passes over, would let a source write where nobody looked.
/// </summary>
internal static class TarRules
{
    /// <summary>Whether it is a file: of POSIX, of old, contiguous, or sparse in GNU's old format.</summary>
    public static bool HasData(char type) => type is '0' or '\0' or '7' or 'S';

    /// <exception cref="UnexpectedArchiveException">It does not.</exception>
    public static void Check(in TarMember member, bool isPosix)
    {
        var type = member.Type;
        if (!HasData(type) && type is not (>= '1' and <= '6'))
            throw new UnexpectedArchiveException($"holds a member of the unknown kind '{(char.IsControl(type) ? '?' : type)}'");

        if (type == 'S' && isPosix)
            throw new UnexpectedArchiveException("holds a sparse file of another format");

        var seen = CheckRecords(member.Records);
        // A hard link's size says how large its file is. For all else a size means data, which only files have.
        if (!HasData(type) && ((seen & Told.Size) != 0 || (type != '1' && member.HeaderSize != 0)))
            throw new UnexpectedArchiveException("gives data to what is no file");

        if (HasData(type) && member.DataBytes is < 0 or > long.MaxValue - 512)
            throw new UnexpectedArchiveException("gives a file no possible size");

        // A file whose name ends so was a directory once.
        if (HasData(type) && member.EndsWithSlash)
            throw new UnexpectedArchiveException("gives a file the name of a folder");
    }

    private static Told CheckRecords(ReadOnlySpan<byte> records)
    {
        var seen = default(Told);
        while (!records.IsEmpty)
        {
            if (!TarMember.TryReadRecord(records, out var key, out var value, out var record) || record[^1] != '\n')
                throw new UnexpectedArchiveException("holds a record that is none");

            var told = Meaning(key);
            if ((seen & told) != 0)
                throw new UnexpectedArchiveException($"tells a member's {System.Text.Encoding.ASCII.GetString(key)} twice");

            if ((told & Told.Names) != 0 && (value.IsEmpty || value.IndexOf((byte)0) >= 0))
                throw new UnexpectedArchiveException("holds a name that is none");

            if (told == Told.Size && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
                throw new UnexpectedArchiveException("holds a size that is none");

            // Dumps of directories, and volumes of an archive in pieces.
            if (told == 0 && key.StartsWith("GNU."u8) && !key.StartsWith("GNU.sparse."u8))
                throw new UnexpectedArchiveException($"holds a record {System.Text.Encoding.ASCII.GetString(key)}");

            seen |= told;
            records = records[record.Length..];
        }

        return seen;
    }

    private static Told Meaning(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("path"u8) ? Told.Path
        : key.SequenceEqual("linkpath"u8) ? Told.LinkPath
        : key.SequenceEqual("size"u8) ? Told.Size
        : !key.StartsWith("GNU.sparse."u8) ? 0
        : key.SequenceEqual("GNU.sparse.name"u8) ? Told.SparseName
        : key.SequenceEqual("GNU.sparse.realsize"u8) ? Told.RealSize
        : key.SequenceEqual("GNU.sparse.major"u8) ? Told.Major
        : key.SequenceEqual("GNU.sparse.minor"u8) ? Told.Minor
        : 0;

    /// <summary>What may be told of a member only once.</summary>
    [Flags]
    private enum Told
    {
        Path = 1,
        LinkPath = 2,
        Size = 4,
        SparseName = 8,
        RealSize = 16,
        Major = 32,
        Minor = 64,
        Names = Path | LinkPath | SparseName,
    }
}
