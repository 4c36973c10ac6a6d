using System.Net.Sockets;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

public sealed class VimClientTests : IDisposable
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task A_login_reads_the_inventory_and_logs_out()
    {
        var client = await server.ConnectAsync();
        Assert.True(client.Content.IsVirtualCenter);
        var found = await client.Properties.ReadTreeAsync(
            client.Content.RootFolder,
            new Dictionary<string, string[]> { ["HostSystem"] = ["name"], ["Datastore"] = ["name", "summary.freeSpace"] },
            None
        );
        Assert.Contains(found, item => item.Object.Type == "HostSystem" && item["name"]!.Value == SimulatorFixture.Host);
        Assert.All(found.Where(item => item.Object.Type == "Datastore"), item => Assert.True(item["summary.freeSpace"].AsNumber() > 0));
        await client.CloseAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_said_without_being_said()
    {
        var exception = await Assert.ThrowsAsync<P2VException>(() =>
            VimClient.ConnectAsync(server.Options with { Password = "s3cret-wrong" }, null, None)
        );
        Assert.Equal(ErrorIds.ServerAuthenticationFailed, exception.ErrorId);
        Assert.DoesNotContain("s3cret", exception.ToString());
    }

    [Fact]
    public async Task The_certificate_is_checked_unless_asked_otherwise()
    {
        var exception = await Assert.ThrowsAsync<P2VException>(() =>
            VimClient.ConnectAsync(server.Options with { CertificateThumbprint = null }, null, None)
        );
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, exception.ErrorId);
        Assert.Contains(server.Sha256, exception.Message);
        Assert.Contains(server.Sha1, exception.Message);

        var wrong = await Assert.ThrowsAsync<P2VException>(() =>
            VimClient.ConnectAsync(
                server.Options with
                {
                    CertificateThumbprint = new string('0', 40),
                    SkipCertificateCheck = true,
                },
                null,
                None
            )
        );
        Assert.Equal(ErrorIds.ServerCertificateUntrusted, wrong.ErrorId);

        var colons = string.Join(":", server.Sha1.Chunk(2).Select(pair => new string(pair).ToLowerInvariant()));
        foreach (
            var options in new[]
            {
                server.Options with
                {
                    CertificateThumbprint = colons,
                },
                server.Options with
                {
                    CertificateThumbprint = null,
                    SkipCertificateCheck = true,
                },
            }
        )
            await (await VimClient.ConnectAsync(options, null, None)).CloseAsync();
    }

    [Fact]
    public async Task A_borrowed_session_outlives_its_borrower()
    {
        var recorder = new RecordingHandler();
        var lender = await server.ConnectAsync(recorder.Around);
        var secret = recorder.Cookie!;
        var borrowed = await VimClient.ConnectAsync(
            server.Options with
            {
                UserName = null,
                Password = null,
                SessionSecret = secret,
            },
            null,
            None
        );
        Assert.NotEqual(lender.SessionKey, borrowed.SessionKey);
        await borrowed.CloseAsync();

        // A server that clones no session: the lender's own cookie is used, and never logged out.
        var refusing = new FailingHandler { Method = "CloneSession" };
        var shared = await VimClient.ConnectAsync(
            server.Options with
            {
                UserName = null,
                Password = null,
                SessionSecret = secret,
            },
            refusing.Around,
            None
        );
        Assert.Equal(lender.SessionKey, shared.SessionKey);
        await shared.CloseAsync();
        await lender.CallAsync("CurrentTime", ManagedObject.ServiceInstance, [], None);
        await lender.CloseAsync();

        var ended = await Assert.ThrowsAsync<P2VException>(() =>
            VimClient.ConnectAsync(server.Options with { UserName = null, Password = null, SessionSecret = secret }, null, None)
        );
        Assert.Equal(ErrorIds.ServerSessionEnded, ended.ErrorId);
    }

    [Fact]
    public async Task An_ended_session_is_opened_anew_once_for_all_callers()
    {
        var recorder = new RecordingHandler();
        var client = await server.ConnectAsync(recorder.Around);
        await client.CallAsync("Logout", client.Content.SessionManager, [], None);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => client.CallAsync("CurrentTime", ManagedObject.ServiceInstance, [], None))
        );
        Assert.All(answers, answer => Assert.NotEmpty(answer.Text("returnval")!));
        Assert.Equal(2, recorder.Calls.Count(call => call == "Login"));
        await client.CloseAsync();
    }

    [Fact]
    public async Task Only_reading_is_repeated_after_a_lost_answer()
    {
        var failing = new FailingHandler();
        var client = await server.ConnectAsync(failing.Around);
        failing.FailOnce("RetrievePropertiesEx");
        var root = await client.Properties.ReadAsync(client.Content.RootFolder, ["name"], None);
        Assert.Equal("Datacenters", root["name"]!.Value);

        failing.FailOnce("CreateFolder");
        await Assert.ThrowsAsync<VimTransportException>(() =>
            client.CallAsync("CreateFolder", client.Content.RootFolder, [("name", "x")], None)
        );
        Assert.Equal(1, failing.Calls.Count(call => call == "CreateFolder"));
        await client.CloseAsync();
    }

    [Fact]
    public async Task Many_waiters_share_one_waiting_request_and_leave_no_filter()
    {
        var recorder = new RecordingHandler();
        var client = await server.ConnectAsync(recorder.Around);
        var folder = (await client.CallAsync("CreateFolder", client.Content.RootFolder, [("name", "before")], None))
            .Reference("returnval")!
            .Value;
        var waits = Enumerable
            .Range(0, 20)
            .Select(_ => client.Updates.WaitAsync(folder, ["name"], item => item["name"]?.Value == "after", None))
            .ToList();
        await Task.Delay(500);
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);
        await client.Tasks.RunAsync("Rename_Task", folder, [("newName", "after")], None);
        await Task.WhenAll(waits).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, client.Updates.Count);
        Assert.Equal(1, recorder.Calls.Count(call => call == "CreatePropertyCollector"));
        Assert.Equal(recorder.Calls.Count(call => call == "CreateFilter"), recorder.Calls.Count(call => call == "DestroyPropertyFilter"));
        Assert.Equal(1, recorder.MostWaitingAtOnce);
        await client.CloseAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once_however_many_calls_wait_for_the_session()
    {
        var recorder = new RecordingHandler();
        var client = await server.ConnectAsync(recorder.Around);
        // The account's password was changed, and the session ends.
        await server.ControlAsync("/fault", """{"method":"Login","kind":"fault","fault":"InvalidLogin","count":-1}""");
        await server.ControlAsync("/session/drop", """{"User":"*"}""");
        for (var round = 0; round < 2; round++)
        {
            var answers = Enumerable
                .Range(0, 6)
                .Select(_ =>
                    Assert.ThrowsAsync<VimFaultException>(() => client.CallAsync("CurrentTime", ManagedObject.ServiceInstance, [], None))
                );
            Assert.All(await Task.WhenAll(answers), fault => Assert.Equal("InvalidLogin", fault.Fault));
        }

        Assert.Equal(2, recorder.Calls.Count(call => call == "Login"));
        await client.CloseAsync();
    }

    [Fact]
    public async Task Only_a_login_s_answer_brings_a_session_s_cookie()
    {
        var handler = new CookieHandler();
        var client = await server.ConnectAsync(handler.Around);
        await client.CallAsync("CurrentTime", ManagedObject.ServiceInstance, [], None);
        var root = await client.Properties.ReadAsync(client.Content.RootFolder, ["name"], None);
        Assert.Equal("Datacenters", root["name"]!.Value);
        // Nor was a session opened anew to make up for a stranger's.
        Assert.Single(handler.Calls, call => call == "Login");
        await client.CloseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_away_for_a_while_fails_no_task_that_runs(bool isRefused)
    {
        var outage = new OutageHandler(isRefused);
        var client = await server.ConnectAsync(outage.Around);
        var folder = (await client.CallAsync("CreateFolder", client.Content.RootFolder, [("name", "before")], None))
            .Reference("returnval")!
            .Value;
        await server.ControlAsync("/fault", """{"method":"Rename_Task","kind":"slow","afterMs":2000}""");
        var rename = client.Tasks.RunAsync("Rename_Task", folder, [("newName", "after")], None);
        await Task.Delay(1000);
        // Longer than a call is repeated.
        outage.IsDown = true;
        await Task.Delay(TimeSpan.FromSeconds(7));
        Assert.False(rename.IsCompleted);
        outage.IsDown = false;
        await rename.WaitAsync(TimeSpan.FromSeconds(30));
        await client.CloseAsync();
        Assert.Equal(
            outage.Answered.Count(call => call == "CreatePropertyCollector"),
            outage.Answered.Count(call => call == "DestroyPropertyCollector")
        );
    }

    [Fact]
    public async Task A_collector_that_is_given_up_is_destroyed_at_the_server()
    {
        var failing = new FailingHandler();
        var client = await server.ConnectAsync(failing.Around);
        var folder = (await client.CallAsync("CreateFolder", client.Content.RootFolder, [("name", "before")], None))
            .Reference("returnval")!
            .Value;
        failing.FailOnce("WaitForUpdatesEx");
        var wait = client.Updates.WaitAsync(folder, ["name"], item => item["name"]?.Value == "after", None);
        for (var tries = 0; tries < 200 && failing.Calls.Count(call => call == "CreatePropertyCollector") < 2; tries++)
            await Task.Delay(100);

        await client.Tasks.RunAsync("Rename_Task", folder, [("newName", "after")], None);
        await wait.WaitAsync(TimeSpan.FromSeconds(30));
        await client.CloseAsync();
        Assert.Equal(2, failing.Calls.Count(call => call == "CreatePropertyCollector"));
        Assert.Equal(2, failing.Calls.Count(call => call == "DestroyPropertyCollector"));
    }

    [Fact]
    public async Task A_failed_task_is_its_fault()
    {
        var client = await server.ConnectAsync();
        var datacenter = await DatacenterAsync(client);
        var fault = await Assert.ThrowsAsync<VimFaultException>(() =>
            client.Tasks.RunAsync(
                "DeleteDatastoreFile_Task",
                client.Content.FileManager,
                [("name", "[big] none/such.iso"), ("datacenter", datacenter)],
                None
            )
        );
        Assert.Equal("FileNotFound", fault.Fault);
        await client.CloseAsync();
    }

    private static async Task<ManagedObject> DatacenterAsync(VimClient client) =>
        (
            await client.Properties.ReadTreeAsync(
                client.Content.RootFolder,
                new Dictionary<string, string[]> { ["Datacenter"] = ["name"] },
                None
            )
        )[0].Object;

    /// <summary>Hands out a cookie with each answer but the login's, as servers do to who comes without one.</summary>
    private sealed class CookieHandler : RecordingHandler
    {
        protected override async Task<HttpResponseMessage> AnswerAsync(
            string name,
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var response = await base.AnswerAsync(name, request, cancellationToken);
            if (name != "Login")
                response.Headers.Add("Set-Cookie", "vmware_soap_session=\"stranger\"; Path=/");

            return response;
        }
    }

    private sealed class OutageHandler(bool isRefused) : RecordingHandler
    {
        public bool IsDown { get; set; }

        public System.Collections.Concurrent.ConcurrentQueue<string> Answered { get; } = new();

        protected override async Task<HttpResponseMessage> AnswerAsync(
            string name,
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            ThrowIfDown();
            var response = await base.AnswerAsync(name, request, cancellationToken);
            ThrowIfDown();
            Answered.Enqueue(name);
            return response;
        }

        private void ThrowIfDown()
        {
            if (IsDown)
                throw new HttpRequestException("Away.", isRefused ? new SocketException((int)SocketError.ConnectionRefused) : null);
        }
    }
}
