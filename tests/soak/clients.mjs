// What the clients of the soak share: each kind starts its loops in `start`, as the promises of `done`.
export class Clients {
    stop() {
        this.running = false;
        return Promise.all(this.done);
    }

    // Rejects when a client finds something wrong; never resolves.
    found() {
        return new Promise((_, failed) => {
            Promise.all(this.done).catch(failed);
        });
    }
}
