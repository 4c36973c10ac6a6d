namespace LinuxP2V.Engine.Destinations;

/// <summary>Each a name, a wildcard, an inventory path, or an id such as HostSystem-host-12. Null: the only one, or the best.</summary>
public sealed record PlacementSettings
{
    /// <summary>A host, or a cluster.</summary>
    public string? VMHost { get; init; }

    /// <summary>A datastore; over a datastore cluster or what a wildcard names the disks are spread when one has not the room.</summary>
    public string? Datastore { get; init; }

    /// <summary>A resource pool.</summary>
    public string? ResourcePool { get; init; }

    /// <summary>A VM folder, or a datacenter.</summary>
    public string? InventoryLocation { get; init; }

    /// <summary>The datastore that holds the helper image for all VMs; null: the VM's own.</summary>
    public string? HelperImageDatastore { get; init; }

    /// <summary>
    /// An ISO with the helper image that is there already and is not written: an item of a content library by its name, or by
    /// library and name (Library/Item), or a path such as [ds1] iso/linuxp2v-helper.iso. Null: the image is sent.
    /// </summary>
    public string? HelperImageItem { get; init; }
}
