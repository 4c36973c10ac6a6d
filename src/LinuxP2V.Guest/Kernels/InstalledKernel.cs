namespace LinuxP2V.Guest.Kernels;

/// <param name="Version">The folder below /lib/modules.</param>
/// <param name="Image">The kernel itself.</param>
/// <param name="InitramfsPath">Null when the copy has none for it.</param>
/// <param name="Modules">Names of its loadable modules, with underscores.</param>
/// <param name="BuiltIn">Names of what is compiled in, with underscores.</param>
public sealed record InstalledKernel(
    string Version,
    string Image,
    string? InitramfsPath,
    IReadOnlyCollection<string> Modules,
    IReadOnlyCollection<string> BuiltIn
)
{
    /// <summary>More images of the same kernel, such as the copy on the EFI system partition that systemd-boot loads.</summary>
    public IReadOnlyList<string> OtherInitramfsPaths { get; init; } = [];

    /// <summary>What a boot entry names and the copy does not have; null where there is nothing of that kind.</summary>
    public string? AbsentInitramfsPath { get; init; }

    /// <summary>False without modules.dep: modprobe would find no module, whatever lies in the folder.</summary>
    public bool HasModuleIndex { get; init; } = true;

    public bool Has(string module) => Modules.Contains(module) || BuiltIn.Contains(module);

    /// <summary>kernel/drivers/scsi/vmw_pvscsi.ko.xz to vmw_pvscsi; null for anything that is no module.</summary>
    public static string? ModuleName(string path)
    {
        var file = path[(path.LastIndexOf('/') + 1)..];
        var end = file.IndexOf(".ko", StringComparison.Ordinal);
        return end > 0 ? file[..end].Replace('-', '_') : null;
    }
}
