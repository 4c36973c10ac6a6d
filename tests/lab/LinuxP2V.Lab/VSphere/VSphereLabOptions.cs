using System.Globalization;

namespace LinuxP2V.Lab.VSphere;

public enum VSphereModel
{
    VCenter,
    Esx,
}

/// <param name="Role">Administrator, ReadOnly or NoAccess, less privileges: Administrator-Network.Assign.</param>
public sealed record VSphereLabUser(string Name, string Password, string Role);

/// <summary>What a vSphere lab is to be like; what is not told is the lab's own choice (tests/lab/vsphere/README.md).</summary>
public sealed record VSphereLabOptions
{
    public VSphereModel Model { get; init; } = VSphereModel.VCenter;

    /// <summary>For datastores, VMs and logs; removed at the end unless it was there before.</summary>
    public required string Folder { get; init; }

    /// <summary>Without any: admin, reader and nobody, whose password is "secret".</summary>
    public IReadOnlyList<VSphereLabUser> Users { get; init; } = [];

    /// <summary>[POD/]NAME=GB[@HOST] each.</summary>
    public IReadOnlyList<string> Datastores { get; init; } = [];

    /// <summary>In each cluster.</summary>
    public int Hosts { get; init; } = 2;

    public int Clusters { get; init; } = 1;

    /// <summary>Null: 7.0.3.0.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Power-on starts no QEMU: for tests of calls, and of many VMs.</summary>
    public bool WithoutQemu { get; init; }

    /// <summary>With <see cref="WithoutQemu"/>: the program that power-on starts with the settings file and the VM's name.</summary>
    public string? AgentCommand { get; init; }

    /// <summary>What a guest set stays after its power-off; vSphere forgets it.</summary>
    public bool KeepGuestinfo { get; init; }

    /// <summary>How long every task takes at least.</summary>
    public TimeSpan TaskDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    internal IEnumerable<string> Arguments()
    {
        yield return "-folder=" + Folder;
        yield return "-model=" + (Model == VSphereModel.Esx ? "esx" : "vcenter");
        yield return "-hosts=" + Hosts.ToString(CultureInfo.InvariantCulture);
        yield return "-clusters=" + Clusters.ToString(CultureInfo.InvariantCulture);
        yield return "-task-delay=" + TaskDelay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms";
        foreach (var user in Users)
        {
            yield return $"-user={user.Name}:{user.Password}:{user.Role}";
        }

        foreach (var datastore in Datastores)
        {
            yield return "-datastore=" + datastore;
        }

        if (ApiVersion is not null)
        {
            yield return "-api=" + ApiVersion;
        }

        if (WithoutQemu)
        {
            yield return "-no-qemu";
        }

        if (AgentCommand is not null)
        {
            yield return "-agent-command=" + AgentCommand;
        }

        if (KeepGuestinfo)
        {
            yield return "-keep-guestinfo";
        }
    }
}
