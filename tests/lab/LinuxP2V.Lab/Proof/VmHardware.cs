namespace LinuxP2V.Lab.Proof;

/// <summary>What the VM is made of, and the drivers that its Linux then shows. Null: what the product chooses.</summary>
/// <param name="Controller">Of the disks, as New-P2VTask names it.</param>
/// <param name="Adapter">Of the network, as New-P2VTask names it.</param>
public sealed record VmHardware(string? Controller = null, string? Adapter = null)
{
    public static VmHardware Chosen { get; } = new();

    /// <summary>Any of them may carry the root.</summary>
    /// <exception cref="LabException">No such controller is VMware's.</exception>
    public IReadOnlyList<string> DiskDrivers =>
        Controller switch
        {
            null => ["vmw_pvscsi", "nvme"],
            "Pvscsi" => ["vmw_pvscsi"],
            "Nvme" => ["nvme"],
            "LsiLogicSas" => ["mptsas"],
            "Ahci" => ["ahci"],
            _ => throw new LabException($"VMware has no disk controller '{Controller}' that is looked at here."),
        };

    /// <exception cref="LabException">No such adapter is VMware's.</exception>
    public string AdapterDriver =>
        Adapter switch
        {
            null or "Vmxnet3" => "vmxnet3",
            "E1000e" => "e1000e",
            _ => throw new LabException($"VMware has no network adapter '{Adapter}' that is looked at here."),
        };

    /// <summary>The parameters of the example script.</summary>
    public IEnumerable<string> Parameters =>
        [
            .. Controller is null ? Array.Empty<string>() : ["-DiskController", Controller],
            .. Adapter is null ? Array.Empty<string>() : ["-NetworkAdapterType", Adapter],
        ];
}
