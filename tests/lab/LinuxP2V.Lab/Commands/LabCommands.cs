using System.CommandLine;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.Lab.Commands;

/// <summary>The command line of the lab; --help tells what it can do.</summary>
internal static class LabCommands
{
    private static Argument<string> MachineArgument =>
        new Argument<string>("machine")
        {
            Description = "Recipe of the source machine.",
            DefaultValueFactory = _ => SourceImage.Bios,
        }.AcceptOnlyFromAmong([.. SourceImage.Machines]);

    public static RootCommand Create() =>
        new("Real machines for the demo and the tests of LinuxP2V.")
        {
            CreateSource(),
            CreateVSphere(),
            CreateProve(),
            CreateDemo(),
            CreateTest(),
            CreateMatrix(),
        };

    private static Command CreateSource() =>
        new("source", "A running Linux machine to convert.")
        {
            CreateSourceVerb("build", "Make its disks, or find them in the cache.", SourceCommand.BuildAsync),
            CreateSourceVerb("start", "Start it on fresh overlays and wait for its SSH.", SourceCommand.StartAsync),
            CreateSourceVerb("stop", "Switch it off.", SourceCommand.StopAsync),
            CreateSourceVerb("describe", "Print what the running machine says of itself.", SourceCommand.DescribeAsync),
        };

    private static Command CreateSourceVerb(string name, string description, Func<string, CancellationToken, Task> run)
    {
        var machine = MachineArgument;
        var command = new Command(name, description) { machine };
        command.SetAction((result, cancellationToken) => run(result.GetRequiredValue(machine), cancellationToken));
        return command;
    }

    private static Command CreateVSphere()
    {
        var model = new Argument<VSphereModel>("model") { DefaultValueFactory = _ => VSphereModel.VCenter };
        var command = new Command("vsphere", "Run a vCenter or an ESXi until Ctrl+C.") { model };
        command.SetAction((result, cancellationToken) => VSphereCommand.RunAsync(result.GetValue(model), cancellationToken));
        return command;
    }

    private static Command CreateProve()
    {
        var folder = new Argument<string>("folder") { Description = "The VM's folder." };
        var machine = MachineArgument;
        var command = new Command("prove", "Start a VM alone and compare it with the running source.") { folder, machine };
        command.SetAction(
            (result, cancellationToken) =>
                SourceCommand.ProveAsync(result.GetRequiredValue(folder), result.GetRequiredValue(machine), cancellationToken)
        );
        return command;
    }

    private static Command CreateDemo()
    {
        var machine = MachineArgument;
        var vsphere = new Option<bool>("--vsphere") { Description = "Convert in the lab's vCenter instead of a folder." };
        var command = new Command("demo", "Convert the source with the example script and prove the copy.") { machine, vsphere };
        command.SetAction(
            (result, cancellationToken) => DemoRun.RunAsync(result.GetRequiredValue(machine), result.GetValue(vsphere), cancellationToken)
        );
        return command;
    }

    private static Command CreateTest()
    {
        var folder = new Option<string>("--results") { Description = "Folder of the result files.", Required = true };
        var configuration = new Option<string>("--configuration")
        {
            Description = "Configuration that was built.",
            DefaultValueFactory = _ => "Release",
        };
        var full = new Option<bool>("--full") { Description = "The long tests too." };
        var areas = new Option<string[]>("--area") { Description = "Tests of these areas alone.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("test", "Run the test suites and add up their results.") { folder, configuration, full, areas };
        command.SetAction(
            (result, cancellationToken) =>
                TestRun.RunAsync(
                    new TestSelection(result.GetValue(full), result.GetValue(areas) ?? []),
                    result.GetRequiredValue(configuration),
                    result.GetRequiredValue(folder),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command CreateMatrix()
    {
        var cases = new Option<string[]>("--case") { Description = "These rows alone.", AllowMultipleArgumentsPerToken = true };
        var pageOnly = new Option<bool>("--page-only") { Description = "Write the page from the results that are kept." };
        var command = new Command("matrix", "Convert machine after machine, prove each copy, and write docs/matrix.md.")
        {
            cases,
            pageOnly,
        };
        command.SetAction(
            (result, cancellationToken) =>
                result.GetValue(pageOnly)
                    ? MatrixCommand.WritePageAsync()
                    : MatrixCommand.RunAsync(result.GetValue(cases) ?? [], cancellationToken)
        );
        return command;
    }
}
