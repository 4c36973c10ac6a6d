namespace LinuxP2V.Engine.Destinations;

/// <summary>The virtual network adapter of a VM.</summary>
public enum AdapterKind
{
    /// <summary>VMware's paravirtual adapter.</summary>
    Vmxnet3,

    /// <summary>Intel 82574L.</summary>
    E1000e,

    /// <summary>Intel E1000, for old guests.</summary>
    E1000,

    /// <summary>virtio-net, which QEMU has and VMware has not.</summary>
    VirtioNet,
}
