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

    /// <summary>On the home datastore, beside the disks: a VM that runs has a swap file as large as its memory.</summary>
    public static long OverheadOf(MachineSpecification machine) => machine.MemoryBytes + HomeOverhead;

    /// <summary>Each datastore that has the room for all, the emptiest first; else the emptiest, with its shortage.</summary>
    /// <param name="candidates">Not empty.</param>
    public static IReadOnlyList<DatastorePlan> OnOne(
        MachineSpecification machine,
        IReadOnlyList<InventoryItem> candidates,
        Func<InventoryItem, long> freeSpace
    )
    {
        var plans = candidates.OrderByDescending(freeSpace).Select(datastore => Plan(machine, [datastore], freeSpace)).ToList();
        var roomy = plans.Where(plan => plan.Shortages.Count == 0).ToList();
        return roomy.Count > 0 ? roomy : [plans[0]];
    }

    /// <summary>As <see cref="OnOne"/>; but where no single one has the room, spread over them.</summary>
    /// <param name="candidates">Not empty.</param>
    public static IReadOnlyList<DatastorePlan> OnOneOrMore(
        MachineSpecification machine,
        IReadOnlyList<InventoryItem> candidates,
        Func<InventoryItem, long> freeSpace
    )
    {
        var plans = OnOne(machine, candidates, freeSpace);
        return plans[0].Shortages.Count == 0 ? plans : [Plan(machine, candidates, freeSpace)];
    }

    private static DatastorePlan Plan(
        MachineSpecification machine,
        IReadOnlyList<InventoryItem> candidates,
        Func<InventoryItem, long> freeSpace
    )
    {
        var overhead = OverheadOf(machine);
        var home = candidates.OrderByDescending(freeSpace).First();
        var free = candidates.ToDictionary(datastore => datastore, freeSpace);
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
            .Select(pair => new SpaceShortage(pair.Key, freeSpace(pair.Key) - pair.Value, freeSpace(pair.Key)));
        return new DatastorePlan(home, places, [.. shortages]);
    }
}

/// <param name="Home">Where the VM's own files go.</param>
/// <param name="DatastoreOfDisk">In the order of the disks.</param>
internal sealed record DatastorePlan(
    InventoryItem Home,
    IReadOnlyList<InventoryItem> DatastoreOfDisk,
    IReadOnlyList<SpaceShortage> Shortages
);
