using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Policies;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Turns the names of a task into objects of the inventory that fit together.</summary>
/// <param name="order">Puts the best host first.</param>
/// <param name="freeSpace">Of a datastore, in bytes, less what others have reserved.</param>
/// <param name="policy">Null: the task asks for none.</param>
/// <param name="image">An ISO that is there already; null: the task names none.</param>
internal sealed class PlacementResolver(
    InventoryTree tree,
    MachineSpecification machine,
    Func<IEnumerable<InventoryItem>, IReadOnlyList<InventoryItem>> order,
    Func<InventoryItem, long> freeSpace,
    PolicyPlan? policy,
    NamedImage? image
)
{
    private readonly InventorySearch search = new(tree);
    private readonly List<P2VException> problems = [];

    private PlacementSettings Settings => machine.Placement;

    /// <summary>Everything that does not fit, so that an admin need not find one mistake after the other.</summary>
    public IReadOnlyList<P2VException> Problems => problems;

    /// <summary>The datastore cluster that is asked for; null: datastores are. Known once the places are resolved.</summary>
    public InventoryItem? StoragePod { get; private set; }

    /// <returns>The best; null when there are <see cref="Problems"/>.</returns>
    public MachinePlacement? Resolve() => ResolveAll() is [var best, ..] ? best : null;

    /// <returns>The best first; empty when there are <see cref="Problems"/>.</returns>
    public IReadOnlyList<MachinePlacement> ResolveAll()
    {
        problems.Clear();
        var place = Try(FindCompute);
        if (place is not var (compute, named) || compute is null)
        {
            CheckOtherNames();
            return [];
        }

        var failover = HostState.FailoverHosts(compute);
        var available = HostsOf(compute)
            .Where(host => (named is null || host == named) && HostState.IsAvailable(host) && !failover.Contains(host.Object))
            .ToList();
        if (available.Count == 0)
        {
            var obstacle = named is null
                ? $"No host of {compute.Name} is connected, out of maintenance mode and free for VMs."
                : $"The host {named.Name} {HostState.Obstacle(named) ?? "is kept free for a failover"}.";
            problems.Add(
                new P2VException(
                    ErrorIds.HostNotAvailable,
                    obstacle,
                    "Choose another host with -VMHost, or bring it back.",
                    (named ?? compute).Name
                )
            );
            available = [.. HostsOf(compute).Where(host => named is null || host == named)];
        }

        var datacenter = Try(() =>
            tree.DatacenterOf(compute) ?? throw InventoryAccess.Missing($"the datacenter of {compute.Name}", compute.Name)
        );
        var pool = Try(() => FindPool(compute));
        var folder = datacenter is null ? null : Try(() => FindFolder(datacenter));
        var spreads = Try(() => FindDatastores(compute, available));
        var networks = Try(() => FindNetworks(compute, available));
        var imageStore = Try(() => FindImageStore(compute, available));
        if (problems.Count > 0 || datacenter is null || pool is null || folder is null || spreads is null || networks is null)
            return [];

        bool CanHost(InventoryItem host, DatastorePlan spread)
        {
            var datastores = spread.DatastoreOfDisk.Append(spread.Home);
            return datastores.All(store => HostState.CanWrite(host, store))
                && (imageStore is null || HostState.CanRead(host, imageStore))
                && SeesAll(host, "network", networks);
        }

        // Where DRS chooses the host, ours is a guess, by which the limits count. It may choose where all will do.
        var found =
            from spread in spreads
            let isHostOpen = named is null && HostState.LetsDrsPlace(compute) && available.All(host => CanHost(host, spread))
            from host in order(available).OrderBy(host => HostState.Threads(host) < machine.NumCpu)
            where CanHost(host, spread)
            select new MachinePlacement(
                datacenter,
                tree.RawPathOf(datacenter),
                compute,
                host,
                pool,
                folder,
                spread.Home,
                spread.DatastoreOfDisk,
                networks
            )
            {
                ImageStore = imageStore ?? spread.Home,
                NamedImage = image,
                Shortages = spread.Shortages,
                IsHostOpen = isHostOpen,
                Policy = policy?.Policy,
                IsInVApp = IsInVApp(pool),
            };
        var places = found.ToList();
        if (places.Count == 0)
        {
            problems.Add(
                new P2VException(
                    ErrorIds.HostNotAvailable,
                    $"No available host of {compute.Name} has both the datastores and the networks of {machine.Name}.",
                    "Choose a host with -VMHost and what it can reach with -Datastore and -NetworkName.",
                    compute.Name
                )
            );
        }

        return places;
    }

    /// <summary>Without a host nothing can be chosen, but what is nowhere in the inventory is told with it.</summary>
    private void CheckOtherNames()
    {
        Check(Settings.Datastore, "-Datastore", "datastore", tree.OfType("Datastore", "StoragePod"));
        var datastores = tree.OfType("Datastore").ToList();
        if (Settings.HelperImageDatastore is { Length: > 0 } store && ClusterInPlaceOfImageStore(store, datastores) is { } mistake)
            problems.Add(mistake);
        else
            Check(Settings.HelperImageDatastore, "-HelperImageDatastore", "datastore", datastores);

        Check(Settings.ResourcePool, "-ResourcePool", "resource pool", Pools());
        Check(Settings.InventoryLocation, "-InventoryLocation", "VM folder", tree.OfType("Folder", "Datacenter"));
        foreach (var network in machine.Adapters.Select(adapter => adapter.Network).Distinct())
            Check(network, "-NetworkName", "network", tree.OfType("Network", "DistributedVirtualPortgroup", "OpaqueNetwork"));

        void Check(string? wanted, string parameter, string kind, IEnumerable<InventoryItem> candidates)
        {
            // The search for a host may have met it already.
            if (
                wanted is { Length: > 0 }
                && !problems.Exists(problem =>
                    problem.Target as string == wanted && problem.Remedy.IndexOf(parameter, StringComparison.Ordinal) >= 0
                )
            )
                Try(() => search.All(wanted, parameter, kind, [.. candidates]));
        }
    }

    private (InventoryItem Compute, InventoryItem? Host)? FindCompute()
    {
        if (Settings.VMHost is { Length: > 0 } wanted)
        {
            var found = search.One(wanted, "-VMHost", "host or cluster", [.. tree.OfType("HostSystem", "ClusterComputeResource")]);
            return found.Is("HostSystem")
                ? (Owner(found) ?? throw InventoryAccess.Missing($"the cluster of the host {found.Name}", found.Name), found)
                : (found, null);
        }

        var all = tree.OfType("ComputeResource", "ClusterComputeResource").ToList();
        if (Settings.ResourcePool is { Length: > 0 } pool)
            all =
            [
                .. search
                    .All(pool, "-ResourcePool", "resource pool", Pools())
                    .Select(found => tree.Find(found.Properties["owner"].AsReference()))
                    .OfType<InventoryItem>()
                    .Distinct(),
            ];

        if (all.Count > 1 && Settings.Datastore is { Length: > 0 } datastore)
        {
            var stores = Expand(search.All(datastore, "-Datastore", "datastore", [.. tree.OfType("Datastore", "StoragePod")]));
            all =
            [
                .. all.Where(compute => References(compute, "datastore").Any(reference => stores.Any(store => store.Object == reference))),
            ];
        }

        if (all.Count > 1 && all.Where(compute => HostsOf(compute).Any(HostState.IsAvailable)).ToList() is { Count: > 0 } alive)
            all = alive;

        return all.Count switch
        {
            1 => (all[0], null),
            0 => throw new P2VException(
                ErrorIds.HostNotAvailable,
                "The server has no host that could be used.",
                "Check that the account may see the hosts, and name one with -VMHost.",
                machine.Name
            ),
            _ => throw search.Ambiguous(null, "-VMHost", "host or cluster", all),
        };
    }

    private InventoryItem FindPool(InventoryItem compute)
    {
        if (Settings.ResourcePool is not { Length: > 0 } wanted)
        {
            return tree.Find(compute.Properties["resourcePool"].AsReference())
                ?? throw new P2VException(
                    ErrorIds.InventoryItemNotFound,
                    $"The resource pool of {compute.Name} cannot be seen.",
                    "Name one that the account may use, with -ResourcePool.",
                    compute.Name
                );
        }

        var found = search.One(
            wanted,
            "-ResourcePool",
            "resource pool",
            [.. Pools().Where(pool => pool.Properties["owner"].AsReference() == compute.Object)]
        );
        return found;
    }

    /// <summary>A vApp, or a resource pool inside one.</summary>
    private bool IsInVApp(InventoryItem? pool)
    {
        for (; pool is not null; pool = tree.Find(pool.Parent))
        {
            if (pool.Is("VirtualApp"))
                return true;
        }

        return false;
    }

    private InventoryItem FindFolder(InventoryItem datacenter)
    {
        var root =
            tree.Find(datacenter.Properties["vmFolder"].AsReference())
            ?? throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"The VM folder of {datacenter.Name} cannot be seen.",
                "Ask for a role that shows it.",
                datacenter.Name
            );
        if (Settings.InventoryLocation is not { Length: > 0 } wanted)
            return root;

        var folders = tree.OfType("Folder").Where(folder => tree.IsBelow(folder, root.Object)).ToList();
        var found = search.One(wanted, "-InventoryLocation", "VM folder", [.. folders, datacenter]);
        return found == datacenter ? root : found;
    }

    private IReadOnlyList<DatastorePlan> FindDatastores(InventoryItem compute, IReadOnlyList<InventoryItem> hosts)
    {
        var visible = tree.FindAll(References(compute, "datastore"))
            .Where(store => HostState.IsUsableDatastore(store) && hosts.Any(host => HostState.CanWrite(host, store)))
            .ToList();
        if (visible.Count == 0)
        {
            throw new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"The hosts of {compute.Name} have no datastore that they may write to.",
                "Choose another host with -VMHost.",
                compute.Name
            );
        }

        if (Settings.Datastore is not { Length: > 0 } wanted)
            return WithoutWish(Fulfilling(visible, compute.Name), hosts);

        var pods = tree.OfType("StoragePod").Where(pod => visible.Any(store => store.Parent == pod.Object));
        var found = search.All(wanted, "-Datastore", "datastore", [.. visible, .. pods]);
        // One name is one datastore; a wildcard or a datastore cluster is a choice.
        if (found.Count > 1 && !InventorySearch.IsPattern(wanted))
            throw search.Ambiguous(wanted, "-Datastore", "datastore", found);

        StoragePod = found.FirstOrDefault(item => item.Is("StoragePod") && found.Count == 1);
        return DatastoreSpread.OnOneOrMore(machine, Fulfilling([.. Expand(found).Where(visible.Contains)], wanted), freeSpace);
    }

    /// <returns>Null: the VM's own.</returns>
    private InventoryItem? FindImageStore(InventoryItem compute, IReadOnlyList<InventoryItem> hosts)
    {
        var readable = tree.FindAll(References(compute, "datastore"))
            .Where(store => HostState.IsUsableDatastore(store) && hosts.Any(host => HostState.CanRead(host, store)))
            .ToList();
        if (image is not null)
            return readable.Find(store => Holds(store, image)) ?? throw ImageOutOfReach(compute, image);

        if (Settings.HelperImageDatastore is not { Length: > 0 } wanted)
            return null;

        return ClusterInPlaceOfImageStore(wanted, readable) is { } mistake
            ? throw mistake
            : search.One(wanted, "-HelperImageDatastore", "datastore", readable);
    }

    /// <summary>The disks may be spread over a datastore cluster, but one image lies on one datastore.</summary>
    /// <returns>Null where no cluster is named.</returns>
    private P2VException? ClusterInPlaceOfImageStore(string wanted, IReadOnlyCollection<InventoryItem> datastores)
    {
        if (search.Find(wanted, datastores).Count > 0 || search.Find(wanted, [.. tree.OfType("StoragePod")]) is not [var pod, ..])
            return null;

        var members = Expand([pod]).Select(store => store.Name);
        return new P2VException(
            ErrorIds.PlanNotPossible,
            $"{pod.Name} is a datastore cluster; the helper image lies on one datastore. It has {string.Join(", ", members)}.",
            "Give -HelperImageDatastore one of its datastores, or leave it out: then each VM's own datastore gets an image.",
            wanted
        );
    }

    private static bool Holds(InventoryItem datastore, NamedImage image) =>
        image.Datastore is { } known
            ? datastore.Object == known
            : string.Equals(datastore.Name, image.DatastoreName, StringComparison.OrdinalIgnoreCase);

    private P2VException ImageOutOfReach(InventoryItem compute, NamedImage image) =>
        tree.OfType("Datastore").FirstOrDefault(store => Holds(store, image)) is { } datastore
            ? new P2VException(
                ErrorIds.HostNotAvailable,
                $"The helper image {image.Wanted} lies on {datastore.Name}, which no available host of {compute.Name} can read.",
                "Choose a host that has the datastore with -VMHost, or another image with -HelperImageItem.",
                image.Wanted
            )
            : new P2VException(
                ErrorIds.InventoryItemNotFound,
                $"The helper image {image.Wanted} lies on the datastore {image.DatastoreName ?? image.Datastore?.Value}, which is not "
                    + "there, or which the account may not see.",
                "Give -HelperImageItem an ISO on a datastore that the hosts have.",
                image.Wanted
            );

    /// <param name="place">That has the datastores, for the message.</param>
    private List<InventoryItem> Fulfilling(List<InventoryItem> datastores, string place)
    {
        if (policy is null)
            return datastores;

        var fulfilling = datastores.Where(store => policy.Datastores.Contains(store.Object)).ToList();
        return fulfilling.Count > 0
            ? fulfilling
            : throw new P2VException(
                ErrorIds.StoragePolicyNotFulfilled,
                $"No datastore of {place} fulfils the storage policy {policy.Policy.Name}: "
                    + $"{string.Join(", ", datastores.Select(store => store.Name))}.",
                "Choose other datastores with -Datastore, or another policy with -StoragePolicy.",
                policy.Policy.Name
            );
    }

    /// <summary>Datastores that several of the hosts have before those that bind the VM to its host.</summary>
    private IReadOnlyList<DatastorePlan> WithoutWish(IReadOnlyList<InventoryItem> visible, IReadOnlyList<InventoryItem> hosts)
    {
        var plans = DatastoreSpread.OnOne(machine, visible, freeSpace);
        return [.. plans.OrderByDescending(plan => HostState.IsShared(plan.Home, hosts))];
    }

    /// <returns>Null where a name was wrong.</returns>
    private List<InventoryItem>? FindNetworks(InventoryItem compute, IReadOnlyList<InventoryItem> hosts)
    {
        var visible = tree.FindAll(References(compute, "network"))
            .Where(network => !HostState.IsUplink(network) && hosts.Any(host => SeesAll(host, "network", [network])))
            .OrderBy(network => network.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
        // Each wrong name is told, not the first alone.
        var byName = machine
            .Adapters.Select(adapter => adapter.Network ?? "")
            .Distinct()
            .ToDictionary(name => name, name => Try(() => FindNetwork(name, visible, compute)));
        if (byName.ContainsValue(null))
            return null;

        return [.. machine.Adapters.Select(adapter => byName[adapter.Network ?? ""]!)];
    }

    private InventoryItem FindNetwork(string wanted, List<InventoryItem> visible, InventoryItem compute) =>
        wanted.Length > 0
            ? search.One(wanted, "-NetworkName", "network", visible)
            : visible.Count switch
            {
                1 => visible[0],
                0 => throw new P2VException(
                    ErrorIds.InventoryItemNotFound,
                    $"The hosts of {compute.Name} have no network for VMs.",
                    "Choose another host with -VMHost.",
                    compute.Name
                ),
                // Nobody shall find a server in a network that nobody chose.
                _ => throw search.Ambiguous(null, "-NetworkName", "network", visible),
            };

    private List<InventoryItem> Pools() => [.. tree.OfType("ResourcePool", "VirtualApp")];

    private IEnumerable<InventoryItem> HostsOf(InventoryItem compute) => tree.FindAll(References(compute, "host"));

    private InventoryItem? Owner(InventoryItem host) => tree.Find(host.Parent);

    private List<InventoryItem> Expand(IReadOnlyList<InventoryItem> found) =>
        [
            .. found
                .SelectMany(item => item.Is("StoragePod") ? tree.OfType("Datastore").Where(store => store.Parent == item.Object) : [item])
                .Distinct(),
        ];

    private static IReadOnlyList<ManagedObject> References(InventoryItem item, string property) => item.Properties[property].AsReferences();

    private static bool SeesAll(InventoryItem host, string property, IEnumerable<InventoryItem> wanted)
    {
        var seen = References(host, property);
        return wanted.All(item => seen.Contains(item.Object));
    }

    private T? Try<T>(Func<T?> find)
    {
        try
        {
            return find();
        }
        catch (P2VException exception)
        {
            problems.Add(exception);
            return default;
        }
    }
}
