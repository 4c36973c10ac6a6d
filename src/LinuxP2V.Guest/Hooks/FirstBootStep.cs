using System.Globalization;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Hooks;

/// <summary>
/// Scripts of the admin's for the first start: a service of the guest's own kind runs them once, in their order, and takes itself
/// away with them.
/// </summary>
internal sealed class FirstBootStep : IGuestStep
{
    public const string Service = "linuxp2v-first-boot";

    /// <summary>Taken away by the service at its end.</summary>
    public const string Folder = "/var/lib/linuxp2v/first-boot";

    private const string Why = "the task has hooks for the first start";

    private static readonly string[] Systemd = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

    /// <summary>Levels with several users, in the folders that Debian and Red Hat have for them.</summary>
    private static readonly string[] Levels = ["2", "3", "4", "5"];

    public string Concern => "Hooks";

    public void Plan(GuestContext context)
    {
        var hooks = context.Options.Hooks.Where(hook => hook.Moment == HookMoment.FirstBoot).ToList();
        if (hooks.Count == 0)
            return;

        if (FindStarter(context.Files) is not { } starter)
        {
            context.Fail(
                "FirstBootNotPossible",
                hooks[0].Name,
                "The task has hooks for the first start, and the system is started neither by systemd nor by OpenRC nor by SysV scripts "
                    + "of Debian or Red Hat.",
                "Leave out the hooks of the moment FirstBoot, and run them in the VM."
            );
            return;
        }

        var names = new List<string>();
        for (var number = 0; number < hooks.Count; number++)
        {
            var name = string.Format(CultureInfo.InvariantCulture, "{0:00}-{1}", number, hooks[number].Name);
            names.Add(name);
            Write(context, $"{Folder}/{name}", hooks[number].Text, $"is the hook {hooks[number].Name}");
        }

        Write(
            context,
            $"{Folder}/run",
            FirstBootScript.Of([.. hooks.Zip(names, (hook, name) => (hook, name))], starter.Files),
            $"runs {string.Join(", ", hooks.Select(hook => hook.Name))} once and removes itself"
        );
        foreach (var (path, text) in starter.Texts)
            context.Write(Concern, path, text, "starts the hooks of the first start", Why, isExecutable: starter.IsExecutable);

        foreach (var (path, target) in starter.Links)
            context.Link(Concern, path, target, Why);
    }

    /// <summary>Byte for byte as the admin wrote it.</summary>
    private void Write(GuestContext context, string path, string text, string what) =>
        context.Write(
            Concern,
            path,
            Encodings.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(text)),
            what,
            Why,
            isExecutable: true,
            isPrivate: true
        );

    private static Starter? FindStarter(GuestTree files)
    {
        if (Systemd.Any(files.FileExists))
            return new Starter(
                [($"/etc/systemd/system/{Service}.service", FirstBootScript.Unit)],
                [($"/etc/systemd/system/multi-user.target.wants/{Service}.service", $"../{Service}.service")],
                false
            );

        if (files.FolderExists("/etc/runlevels/default") && files.Program("openrc-run") is not null)
            return new Starter(
                [($"/etc/init.d/{Service}", FirstBootScript.OpenRc)],
                [($"/etc/runlevels/default/{Service}", $"/etc/init.d/{Service}")],
                true
            );

        // SUSE's start goes by a list of its own.
        foreach (var folder in new[] { "/etc/rc.d", "/etc" })
        {
            var levels = Levels.Select(level => $"{folder}/rc{level}.d").Where(files.FolderExists).ToList();
            if (levels.Count > 0 && files.FolderExists("/etc/init.d") && !files.FolderExists("/etc/init.d/rc3.d"))
                return new Starter(
                    [($"/etc/init.d/{Service}", FirstBootScript.SysV)],
                    [.. levels.Select(level => ($"{level}/S99zz-{Service}", $"/etc/init.d/{Service}"))],
                    true
                );
        }

        return null;
    }

    /// <param name="Texts">Files that the system starts by.</param>
    /// <param name="Links">By which they are switched on.</param>
    private sealed record Starter(
        IReadOnlyList<(string Path, string Text)> Texts,
        IReadOnlyList<(string Path, string Target)> Links,
        bool IsExecutable
    )
    {
        /// <summary>All that goes when the hooks have run.</summary>
        public IReadOnlyList<string> Files => [.. Links.Select(link => link.Path), .. Texts.Select(text => text.Path)];
    }
}
