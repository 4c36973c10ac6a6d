using System.Text.Json;
using LinuxP2V.Lab.VSphere;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Windows.Tests.Source;
using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

/// <summary>With the lab's vCenter, up to a helper that runs, and from a second process.</summary>
[Collection(WindowsTestGroup.Name)]
public sealed class ConversionTests(ConversionRuns conversion) : IClassFixture<ConversionRuns>
{
    [SkippableFact]
    public void Untrusted_certificate_is_told() =>
        conversion.Runs.Judge("untrusted certificate", step => step.FailedWith(ErrorIds.ServerCertificateUntrusted));

    [SkippableFact]
    public void Folder_as_a_destination_is_refused_on_Windows() =>
        conversion.Runs.Judge("local folder", step => step.FailedWith(ErrorIds.DestinationNotSupported));

    [SkippableFact]
    public void Wrong_server_password_is_told() =>
        conversion.Runs.Judge("wrong server password", step => step.FailedWith(ErrorIds.ServerAuthenticationFailed));

    [SkippableFact]
    public void Vcenter_is_connected() =>
        conversion.Runs.Judge(
            "connect",
            step =>
            {
                Assert.Equal(("VSphere", "True"), (step["Kind"], step["Connected"]));
                Assert.Contains("vCenter", step["Product"], StringComparison.Ordinal);
            }
        );

    [SkippableFact]
    public void Task_is_planned() =>
        conversion.Runs.Judge(
            "task",
            step =>
            {
                Assert.Equal(RecordedMachine.OperatingSystem, step["OperatingSystem"]);
                Assert.Equal(
                    ["/", "/a b", "/boot", "/data", "/var"],
                    Texts(step, "Volumes").Where(name => name.StartsWith('/')).Order(StringComparer.Ordinal)
                );
            }
        );

    [SkippableFact]
    public void Rows_of_a_CSV_file_become_tasks_and_a_bad_one_fails_alone() =>
        conversion.Runs.Judge(
            "rows",
            step =>
            {
                Assert.StartsWith("row-", Assert.Single(Texts(step, "Names")), StringComparison.Ordinal);
                Assert.Equal(("3", "2.5", "Ann", "1"), (step["NumCpu"], step["MemoryGB"], step["Owner"], step["Failures"]));
            }
        );

    [SkippableFact]
    public void Exported_tasks_hold_no_key() =>
        conversion.Runs.Judge("export", step => Assert.Equal(("False", "2"), (step["Secret"], step["Files"])));

    [SkippableFact]
    public void Tasks_come_whole_out_of_Clixml_and_JSON() =>
        conversion.Runs.Judge(
            "import tasks",
            step => Assert.Equal(("True", "True", "Deserialized.LinuxP2V.Cmdlets.P2VTask"), (step["Xml"], step["Json"], step["Type"]))
        );

    [SkippableFact]
    public void Imported_task_passes_its_test() =>
        conversion.Runs.Judge(
            "test task",
            step =>
            {
                step.Succeeded();
                Assert.NotEmpty(step.Output);
                Assert.DoesNotContain(step.Output, finding => finding.GetString()!.StartsWith("Error", StringComparison.Ordinal));
            }
        );

    [SkippableFact]
    public void Helper_boots_and_is_reached() =>
        conversion.Runs.Judge(
            "helper",
            step =>
            {
                Assert.Equal(("HelperReady", ""), (step["State"], step["Error"]));
                Assert.StartsWith("first-", step["Machine"], StringComparison.Ordinal);
                Assert.Contains("DeployingHelper", Texts(step, "Phases"));
                Assert.All(
                    conversion.WithHelper,
                    lab => Assert.Contains(lab.Vms, vm => vm.Name == step["Machine"] && vm.Power == "poweredOn" && vm.ProcessId != 0)
                );
            }
        );

    [SkippableFact]
    public void Log_is_exported() =>
        conversion.Runs.Judge(
            "log",
            step => Assert.Equal(["conversion.json", "conversion.log", "task.json"], Texts(step, "Entries").Order(StringComparer.Ordinal))
        );

    [SkippableFact]
    public void Second_process_lists_the_conversion() =>
        conversion.Runs.Judge("other: list", step => Assert.Equal(("HelperReady", "False"), (step["State"], step["IsRunning"])));

    [SkippableFact]
    public void Second_process_sees_what_the_first_works_on()
    {
        conversion.Runs.Judge("start", step => Assert.Equal("True", step["IsRunning"]));
        conversion.Runs.Judge("other: running", step => Assert.Equal(("DeployingHelper", "True"), (step["State"], step["IsRunning"])));
        conversion.Runs.Judge("other: remove what runs", step => step.FailedWith(ErrorIds.ConversionInUse));
    }

    [SkippableFact]
    public void Second_process_stops_what_the_first_works_on()
    {
        conversion.Runs.Judge("other: stop what runs", step => Assert.Equal("Stopped", step.Value.GetString()));
        conversion.Runs.Judge(
            "wait",
            step =>
            {
                step.FailedWith(ErrorIds.OperationCancelled);
                Assert.Equal("DeployingHelper Stopped", Assert.Single(step.Output).GetString());
            }
        );
    }

    [SkippableFact]
    public void Second_process_stops_what_rests_and_removes_all_with_their_VMs()
    {
        conversion.Runs.Judge("other: stop what rests", step => Assert.Equal("Stopped", step.Value.GetString()));
        conversion.Runs.Judge(
            "other: remove",
            step =>
            {
                step.Succeeded();
                Assert.All(step.Output, name => Assert.Equal(JsonValueKind.Null, name.ValueKind));
            }
        );
        Assert.Empty(conversion.LeftMachines);
    }

    [SkippableFact]
    public void Vcenter_got_no_request_against_its_schema()
    {
        IReadOnlyList<VSphereLabState> states = [.. conversion.WithHelper, .. conversion.Afterwards];
        conversion.Runs.Judge("connect", step => step.Succeeded());
        Assert.All(states, lab => Assert.Empty(lab.Refused));
    }

    private static IEnumerable<string> Texts(StepRecord step, string property) =>
        step.Value.GetProperty(property).EnumerateArray().Select(text => text.GetString()!);
}
