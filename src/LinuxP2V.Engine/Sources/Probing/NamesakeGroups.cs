using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>
/// Groups of one name whose UUIDs were not asked for: the one in use has the physical volumes that its active volumes lie
/// on, and the others have the rest.
/// </summary>
internal static class NamesakeGroups
{
    public static IEnumerable<VolumeGroupFacts> Tell(
        List<string[]> groups,
        List<string[]> volumes,
        List<string[]> physical,
        IReadOnlyList<BlockDeviceFacts> devices
    )
    {
        var members = physical.Where(member => member[1] == groups[0][0]).ToList();
        var active = volumes.Where(volume => volume[0] == groups[0][0] && LvmReader.IsActive(volume)).ToList();
        var below = new HashSet<string>(
            active
                .Select(volume => LvmReader.MapperPath(volume[0], volume[1]))
                .SelectMany(path => devices.Where(device => device.Path == path))
                .SelectMany(device => device.Parents)
                .SelectMany(name => devices.Where(device => device.Name == name))
                .Select(device => device.Path),
            StringComparer.Ordinal
        );
        var inUse = members.Where(member => below.Contains(member[0])).ToList();
        var size = inUse.Sum(member => devices.FirstOrDefault(device => device.Path == member[0])?.SizeBytes ?? 0);
        var used = groups.OrderBy(group => Math.Abs(LvmReader.Bytes(group[2]) - size)).First();
        yield return LvmReader.ToGroup(used, active, inUse);

        var rest = volumes.Where(volume => volume[0] == groups[0][0] && !active.Contains(volume)).ToList();
        foreach (var group in groups.Where(group => group != used))
        {
            yield return LvmReader.ToGroup(group, rest, members.Except(inUse));
            members = inUse;
            rest = [];
        }
    }
}
