using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Modprobe;

/// <summary>Rules that keep the VM's drivers from being loaded: hardening guides and old hardware leave such rules behind.</summary>
internal sealed class ModprobeStep : IGuestStep
{
    private const string AdminFolder = "/etc/modprobe.d";

    /// <summary>Of packages: a file of the same name in /etc takes their place. /run is empty at each start.</summary>
    private static readonly string[] PackageFolders = ["/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"];

    private static readonly string[] SingleFiles =
    [
        "/etc/modprobe.conf",
        "/etc/modprobe.conf.local",
        "/etc/modules.conf",
        "/etc/conf.modules",
    ];

    /// <summary>Adapters that a VM can have, the best first.</summary>
    private static readonly string[] AdapterDrivers = ["vmxnet3", "e1000e", "e1000"];

    public string Concern => "Modprobe";

    public void Plan(GuestContext context)
    {
        var kernel = context.BootKernel;
        var needed = new HashSet<string>(BootModules.NeverBlocked(context.Layout, kernel).Concat(AdapterDrivers), StringComparer.Ordinal);
        foreach (var path in Admin(context.Files))
            Unblock(context, path, path, needed);

        foreach (var path in PackageFolders.SelectMany(folder => context.Files.Files(folder, "*.conf")).ToList())
        {
            var own = AdminFolder + path[path.LastIndexOf('/')..];
            if (!context.Files.FileExists(own))
                Unblock(context, path, own, needed);
        }

        foreach (var path in Admin(context.Files))
            RenameAliases(context, path, kernel);
    }

    private void Unblock(GuestContext context, string path, string to, IReadOnlyCollection<string> needed) =>
        Write(context, to, ModprobeText.Unblock(context.Files.ReadText(path), needed));

    private void RenameAliases(GuestContext context, string path, InstalledKernel? kernel)
    {
        var disks = BootModules.DiskDriver(context.Layout);
        var adapters = AdapterDrivers.FirstOrDefault(driver => kernel?.Has(driver) == true);
        if (disks is not null && adapters is not null)
            Write(context, path, ModprobeText.Aliases(context.Files.ReadText(path), disks, adapters));
    }

    private void Write(GuestContext context, string path, ChangedText changed)
    {
        if (changed.Changes.Count == 0)
            return;

        context.Write(Concern, path, changed.Text, changed.What, changed.Why);
        context.InitramfsInputs.Add(path);
    }

    /// <summary>Old versions of modprobe read files without an ending too; what package managers put aside nobody reads.</summary>
    private static IReadOnlyList<string> Admin(GuestTree files) =>
        [
            .. SingleFiles.Where(files.FileExists),
            .. files
                .Files(AdminFolder)
                .Where(path => path.EndsWith(".conf", StringComparison.Ordinal) || path.LastIndexOf('.') < AdminFolder.Length),
        ];
}
