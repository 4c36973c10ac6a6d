using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Puts disks onto datastores: all onto one if it has the room, else the largest first onto the emptiest.</summary>
internal static class DatastoreSpread
{
    /// <summary>File systems write more than files hold.</summary>
    private const double ThinOverhead = 1.1;

    /// <summary>Logs, NVRAM, the helper's image.</summary>
    private const long HomeOverhead = 512L << 20;

    public static long NeedOf(DiskSpecification disk) =>
        disk.Format == DiskFormat.Thin ? Math.Min(disk.SizeBytes, (long)(disk.UsedBytes * ThinOverhead)) : disk.SizeBytes;

    /// <param name="candidates">Not empty.</param>
    public static (InventoryItem Home, IReadOnlyList<InventoryItem> DatastoreOfDisk, IReadOnlyList<SpaceShortage> Shortages) Plan(
        MachineSpecification machine, IReadOnlyList<InventoryItem> candidates)
    {
        // A VM that runs has a swap file as large as its memory.
        var overhead = machine.MemoryBytes + HomeOverhead;
        var home = candidates.OrderByDescending(HostState.FreeSpace).First();
        var free = candidates.ToDictionary(datastore => datastore, HostState.FreeSpace);
        var isOneEnough = machine.Disks.Sum(NeedOf) + overhead <= free[home];
        free[home] -= overhead;
        var places = new InventoryItem[machine.Disks.Count];
        foreach (var index in Enumerable.Range(0, places.Length).OrderByDescending(index => NeedOf(machine.Disks[index])))
        {
            var place = isOneEnough ? home : free.OrderByDescending(pair => pair.Value).First().Key;
            places[index] = place;
            free[place] -= NeedOf(machine.Disks[index]);
        }

        var shortages = free.Where(pair => pair.Value < 0)
            .Select(pair => new SpaceShortage(pair.Key, HostState.FreeSpace(pair.Key) - pair.Value, HostState.FreeSpace(pair.Key)));
        return (home, places, [.. shortages]);
    }
}
