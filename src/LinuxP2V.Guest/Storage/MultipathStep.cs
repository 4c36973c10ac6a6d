using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>A VM's disk has one path; multipathd would take it before it can be mounted.</summary>
internal sealed class MultipathStep : IGuestStep
{
    private const string Configuration = "/etc/multipath.conf";
    private const string Folder = "/etc/multipath/conf.d";
    private const string Why = "the VM's disks have one path each, and multipath would take them first";

    private const string Text =
        "# linuxp2v: the source's configuration is kept below /var/lib/linuxp2v/originals\nblacklist {\n    devnode \".*\"\n}\n";

    private static readonly string[] Units = ["multipathd.service", "multipathd.socket"];

    public string Concern => "Multipath";

    public void Plan(GuestContext context)
    {
        if (context.Files.FileExists(Configuration))
        {
            context.Write(Concern, Configuration, Text, "ignores every disk", Why);
            context.InitramfsInputs.Add(Configuration);
        }

        // An exception in one of them would go before our rule.
        foreach (var path in context.Files.Files(Folder, "*.conf"))
        {
            context.Remove(Concern, path, Why);
            context.InitramfsInputs.Add(path);
        }

        if (IsEnabled(context.Files))
        {
            foreach (var unit in Units)
                context.Mask(Concern, unit, Why);
        }
    }

    private static bool IsEnabled(GuestTree files) =>
        files.Folders("/etc/systemd/system", "*.wants").Any(folder => files.Entry($"{folder}/multipathd.service") is not null);
}
