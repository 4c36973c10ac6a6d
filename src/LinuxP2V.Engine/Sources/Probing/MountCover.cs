namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Tells which mounts cannot be reached, as a later one lies over them or over a folder above them.</summary>
internal static class MountCover
{
    /// <returns>Each mount that is covered, with what lies over it.</returns>
    public static Dictionary<MountInfo, MountInfo> Find(IReadOnlyList<MountInfo> mounts)
    {
        var covers = new Dictionary<MountInfo, MountInfo>();
        for (var place = 0; place < mounts.Count; place++)
        {
            var mount = mounts[place];
            if (mounts.Skip(place + 1).LastOrDefault(later => Covers(later, mount)) is { } cover)
                covers[mount] = cover;
        }

        // What was mounted inside a covered mount goes with it.
        var byId = mounts.GroupBy(mount => mount.Id, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last());
        foreach (var mount in mounts.Where(mount => !covers.ContainsKey(mount)).ToList())
        {
            if (FindCoverAbove(mount, byId, covers) is { } cover)
                covers[mount] = cover;
        }

        return covers;
    }

    /// <summary>Two that were made in the same mount: had the upper folder's been there first, the other would lie in it.</summary>
    private static bool Covers(MountInfo later, MountInfo mount) =>
        later.Point == mount.Point
        || (later.Parent == mount.Parent && later.Point != "/" && mount.Point.StartsWith(later.Point + "/", StringComparison.Ordinal));

    private static MountInfo? FindCoverAbove(MountInfo mount, Dictionary<string, MountInfo> byId, Dictionary<MountInfo, MountInfo> covers)
    {
        var chain = new HashSet<MountInfo> { mount };
        for (var lower = mount; byId.TryGetValue(lower.Parent, out var above) && chain.Add(above); lower = above)
        {
            // What lies over the parent at the same place is on the way to this mount.
            if (covers.TryGetValue(above, out var cover) && !chain.Contains(cover))
                return cover;
        }

        return null;
    }
}
