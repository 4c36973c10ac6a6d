namespace LinuxP2V.Agent.Platform;

/// <summary>Gives one file what another has beside its data.</summary>
internal static class MetadataCopy
{
    /// <summary>
    /// Owner, mode, extended attributes and times. The owner first: a new owner takes capabilities and set-user bits away.
    /// </summary>
    /// <param name="from">With a NUL at its end, as the other.</param>
    /// <returns>0 or the first errno.</returns>
    public static int Run(byte[] from, byte[] to)
    {
        if (NativeFiles.Read(from, out var wanted) is var error and not 0)
            return error;

        error = NativeFiles.SetOwner(to, wanted.Owner, wanted.Group);
        Note(ref error, NativeFiles.SetMode(to, wanted.Mode));
        var names = NativeFiles.ListAttributes(from);
        foreach (var name in NativeFiles.ListAttributes(to))
        {
            if (!names.Any(other => other.AsSpan().SequenceEqual(name)))
                Note(ref error, NativeFiles.RemoveAttribute(to, name));
        }

        foreach (var name in names)
        {
            if (NativeFiles.ReadAttribute(from, name) is { } value)
                Note(ref error, NativeFiles.SetAttribute(to, name, value));
        }

        Note(ref error, NativeFiles.SetTimes(to, wanted.ModifyTime, wanted.ModifyTime));
        return error;
    }

    private static void Note(ref int first, int error) => first = first == 0 ? error : first;
}
