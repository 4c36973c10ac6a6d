using System.Text;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Helpers;

/// <summary>Speaks with the agent over SSH. The helper's sshd runs the agent whatever command is asked for.</summary>
internal sealed class SshAgentConnector : IAgentConnector
{
    public async Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken)
    {
        var target = new SshTarget
        {
            Host = helper.Host,
            Port = helper.Port,
            User = "root",
            Secrets = new SourceSecrets { PrivateKey = key.PrivateKey },
            Trust = new ExactKeyTrust(helper.HostKey),
            Role = SshRole.Helper,
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        SshConnection? connection = null;
        try
        {
            connection = await SshConnection.ConnectAsync(target, NullConsole.Instance, cancellationToken).ConfigureAwait(false);
            return new Channel(connection, await connection.StartAsync("attach", CancellationToken.None).ConfigureAwait(false));
        }
        catch (P2VException exception) when (exception.ErrorId == ErrorIds.HelperConnectionLost)
        {
            connection?.Dispose();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private sealed class Channel : IAgentChannel
    {
        private readonly SshConnection _connection;
        private readonly SshProcess _process;
        private readonly StreamReader _reader;
        private Task<string?>? _pending;

        public Channel(SshConnection connection, SshProcess process)
        {
            _connection = connection;
            _process = process;
            _reader = new StreamReader(process.Output, new UTF8Encoding(false));
        }

        public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
        {
            var bytes = Encoding.UTF8.GetBytes(line + "\n");
            await _process.Input.WriteAsync(bytes, 0, bytes.Length, cancellationToken).ConfigureAwait(false);
            await _process.Input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <summary>
        /// SSH.NET's stream blocks and knows no token: a cancelled read is left behind for the next caller, and finds its
        /// end when the channel is disposed.
        /// </summary>
        public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
        {
            // A read that was left behind still owns the next line.
            var read = _pending ?? Task.Run<string?>(_reader.ReadLine, CancellationToken.None);
            _pending = null;
            var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
            {
                if (await Task.WhenAny(read, cancelled.Task).ConfigureAwait(false) != read)
                {
                    _pending = read;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }

            return await read.ConfigureAwait(false);
        }

        public void Dispose()
        {
            _process.Dispose();
            _connection.Dispose();
        }
    }
}
