namespace LinuxP2V.Agent.Streams;

/// <summary>Finds out what on the source can list files.</summary>
internal static class ListingTrial
{
    /// <summary>What stat prints of each entry; the first field stands where find prints a type.</summary>
    public const string StatFormat = "x %f %u %g %h %i %s %b %Y %Z %n";

    /// <summary>Prints which tool there is, as a line of <see cref="SourceTools"/>: lister=find or lister=stat.</summary>
    public const string Script = $$"""
        if [ "$(find /dev/null -prune -printf '%y' 2>/dev/null)" = c ]; then echo lister=find
        elif [ -n "$(find /dev/null -prune -exec stat -c '{{StatFormat}}' {} + 2>/dev/null)" ]; then echo lister=stat
        fi
        """;
}
