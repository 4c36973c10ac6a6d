using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>
/// Room that the conversions of this connection have reserved and not filled yet. A datastore counts a thin disk's
/// room as free until it is written: of many conversions that start together, each would find it.
/// </summary>
internal sealed class SpaceReservations
{
    private readonly Dictionary<string, Reservation> reservations = new(StringComparer.Ordinal);

    /// <summary>In bytes.</summary>
    public long FreeOn(InventoryItem datastore)
    {
        lock (reservations)
            return HostState.FreeSpace(datastore) - reservations.Values.Sum(reservation => reservation.LeftOn(datastore.Object));
    }

    /// <summary>Chooses a place and takes its room at once, so that nobody else chooses it meanwhile.</summary>
    /// <param name="choose">Nothing is reserved at a place that lacks the room.</param>
    public MachinePlacement Take(string conversionId, MachineSpecification machine, Func<MachinePlacement> choose)
    {
        lock (reservations)
        {
            reservations.Remove(conversionId);
            var placement = choose();
            if (placement.Shortages.Count == 0)
                reservations[conversionId] = Reservation.Of(machine, placement);

            return placement;
        }
    }

    /// <summary>From now on the server counts what the VM takes.</summary>
    public void Keep(string conversionId, ManagedObject machine)
    {
        lock (reservations)
        {
            if (reservations.TryGetValue(conversionId, out var reservation))
                reservation.Machine = machine;
        }
    }

    /// <summary>Nothing was made.</summary>
    public void Release(string conversionId)
    {
        lock (reservations)
            reservations.Remove(conversionId);
    }

    /// <summary>It is no helper any more: what it takes is taken.</summary>
    public void Release(ManagedObject machine)
    {
        lock (reservations)
        {
            foreach (var id in reservations.Where(pair => pair.Value.Machine == machine).Select(pair => pair.Key).ToList())
                reservations.Remove(id);
        }
    }

    /// <summary>VMs that a reading of the inventory counts, if it begins now.</summary>
    public IReadOnlyList<ManagedObject> Machines
    {
        get
        {
            lock (reservations)
                return [.. reservations.Values.Select(reservation => reservation.Machine).OfType<ManagedObject>()];
        }
    }

    /// <param name="counted">The <see cref="Machines"/> from before the reading.</param>
    /// <param name="usages">Their storage.perDatastoreUsage, as far as the server told it.</param>
    public void Note(IReadOnlyCollection<ManagedObject> counted, IEnumerable<ObjectProperties> usages)
    {
        lock (reservations)
        {
            var byMachine = usages
                .Where(usage => usage["storage.perDatastoreUsage"] is not null)
                .ToDictionary(usage => usage.Object, usage => usage["storage.perDatastoreUsage"]!);
            foreach (
                var reservation in reservations.Values.Where(reservation => reservation.Machine is { } machine && counted.Contains(machine))
            )
            {
                reservation.IsCounted = true;
                if (byMachine.TryGetValue(reservation.Machine!.Value, out var usage))
                    reservation.Take(
                        usage
                            .Elements()
                            .Where(entry => entry.Reference("datastore") is not null)
                            .ToDictionary(entry => entry.Reference("datastore")!.Value, entry => entry.Number("committed") ?? 0)
                    );
            }
        }
    }

    private sealed class Reservation(Dictionary<ManagedObject, long> whole, Dictionary<ManagedObject, long> thick)
    {
        private Dictionary<ManagedObject, long> committed = [];

        public ManagedObject? Machine { get; set; }

        /// <summary>The datastore's number was read after the VM was made: its thick disks are in it.</summary>
        public bool IsCounted { get; set; }

        public static Reservation Of(MachineSpecification machine, MachinePlacement placement)
        {
            var places = machine.Disks.Zip(placement.DatastoreOfDisk, (disk, datastore) => (Disk: disk, Store: datastore.Object)).ToList();
            var whole = places
                .GroupBy(place => place.Store)
                .ToDictionary(same => same.Key, same => same.Sum(place => DatastoreSpread.NeedOf(place.Disk)));
            var home = placement.Home.Object;
            whole[home] = (whole.TryGetValue(home, out var disks) ? disks : 0) + DatastoreSpread.OverheadOf(machine);
            var thick = places
                .Where(place => place.Disk.Format != DiskFormat.Thin)
                .GroupBy(place => place.Store)
                .ToDictionary(same => same.Key, same => same.Sum(place => place.Disk.SizeBytes));
            return new Reservation(whole, thick);
        }

        public void Take(Dictionary<ManagedObject, long> usage) => committed = usage;

        public long LeftOn(ManagedObject datastore)
        {
            if (!whole.TryGetValue(datastore, out var bytes))
                return 0;

            // A server that does not tell what a VM took has allotted its thick disks at least.
            var least = IsCounted && thick.TryGetValue(datastore, out var allotted) ? allotted : 0;
            var taken = committed.TryGetValue(datastore, out var told) ? told : 0;
            return Math.Max(0, bytes - Math.Max(least, taken));
        }
    }
}
