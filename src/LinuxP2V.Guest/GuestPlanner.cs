using LinuxP2V.Guest.Addresses;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Checks;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Hooks;
using LinuxP2V.Guest.Identity;
using LinuxP2V.Guest.Initramfs;
using LinuxP2V.Guest.KernelChoice;
using LinuxP2V.Guest.Modprobe;
using LinuxP2V.Guest.Network;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Services;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Findings;

namespace LinuxP2V.Guest;

/// <summary>Works out what must change in a guest so that it boots as the VM. Looks at files alone; changes nothing.</summary>
public static class GuestPlanner
{
    /// <summary>What is edited comes before the initramfs that packs it; labels come last.</summary>
    private static readonly IReadOnlyList<IGuestStep> Steps =
    [
        new KernelsStep(),
        new DefaultKernelStep(),
        new FstabStep(),
        new UnitsStep(),
        new CrypttabStep(),
        new MdadmStep(),
        new LvmDevicesStep(),
        new LvmFilterStep(),
        new LvmActivationStep(),
        new MultipathStep(),
        new ResumeStep(),
        new OtherStorageStep(),
        new CommandLineStep(),
        new ModprobeStep(),
        new NetworkStep(),
        new AddressStep(),
        new NetworkCheckStep(),
        new CloudInitStep(),
        new IdentityStep(),
        new HardwareStep(),
        new InitramfsStep(),
        new GrubBiosStep(),
        new EfiStep(),
        new BootReportStep(),
        new CachesStep(),
        new FirstBootStep(),
        new SELinuxStep(),
    ];

    /// <param name="store">The guest's files: of the running source, or of the copy.</param>
    /// <exception cref="IOException">A file is there and cannot be read.</exception>
    public static GuestPlan Plan(IGuestStore store, GuestTarget target) => Plan(store, target, []);

    /// <summary>
    /// The plan of a source, before there is a copy: what would keep the result from booting is found by looking at the
    /// source's files as the plan will leave them.
    /// </summary>
    /// <exception cref="IOException">A file is there and cannot be read.</exception>
    public static GuestPlan Preview(IGuestStore store, GuestTarget target)
    {
        var plan = Plan(store, target);
        return plan with { Findings = [.. plan.Findings.Concat(BootCheck.Run(target, plan)).Distinct()] };
    }

    /// <summary>Before the copy it may be seen later: the copy's programs and longer files can be read.</summary>
    private static Finding NotRead(string path) =>
        new(
            FindingSeverity.Information,
            "FileNotRead",
            path,
            $"{path} was not looked at: it is a program, or longer than a configuration file.",
            "See that it names no disk and no adapter of the source."
        );

    /// <param name="concerns">The steps to take; all where none is named.</param>
    internal static GuestPlan Plan(IGuestStore store, GuestTarget target, IReadOnlyList<string> concerns)
    {
        var context = new GuestContext(store, target);
        foreach (var step in Steps.Where(step => concerns.Count == 0 || concerns.Contains(step.Concern)))
            step.Plan(context);

        foreach (var path in context.Files.Unread)
            context.Report(NotRead(path));

        return new GuestPlan(context.Changes, context.Findings, context.Notes)
        {
            Kernel = context.BootKernel?.Version,
            Planned = context.Files.Store,
        };
    }
}
